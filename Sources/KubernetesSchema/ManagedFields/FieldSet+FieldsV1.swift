public import JSON

/// The form in `metadata.managedFields[].fieldsV1`: an object per level, whose keys are the steps with a letter that tells their
/// kind in front, and `.` for the level's own field.
extension FieldSet {
    /// Text that is none of that form.
    public struct Malformed: Error, Hashable, CustomStringConvertible {
        /// What is wrong, for people.
        public let description: String
    }

    /// Reads the form.
    public init(fieldsV1 json: JSONValue) throws(Malformed) {
        self.init()
        guard let members = json.objectValue else {
            throw Malformed(description: "fieldsV1 must be an object, not \(json.kindDescription)")
        }
        for member in members where member.key != "." {
            guard let element = FieldPathElement(fieldsV1: member.key), let below = member.value.objectValue
            else {
                throw Malformed(description: "fieldsV1 has the unknown path element \"\(member.key)\"")
            }
            if below.isEmpty || below["."] != nil { self.members.insert(element) }
            let child = try FieldSet(fieldsV1: member.value)
            if !child.isEmpty { children[element] = child }
        }
    }

    /// The form.
    public var fieldsV1: JSONValue {
        var result = JSONMembers()
        for element in elements {
            var below = children[element]?.fieldsV1.objectValue ?? JSONMembers()
            if members.contains(element), !below.isEmpty {
                var marked = JSONMembers()
                marked["."] = .object(JSONMembers())
                for member in below { marked[member.key] = member.value }
                below = marked
            }
            result[element.fieldsV1] = .object(below)
        }
        return .object(result)
    }
}

extension FieldPathElement {
    fileprivate init?(fieldsV1 text: String) {
        let content = text.utf8.dropFirst(2)
        guard text.utf8.dropFirst().first == UInt8(ascii: ":") else { return nil }
        switch text.utf8.first {
        case UInt8(ascii: "f"): self = .field(String(text.dropFirst(2)))
        case UInt8(ascii: "v"):
            guard let value = try? JSONValue(parsing: content) else { return nil }
            self = .value(value)
        case UInt8(ascii: "k"):
            guard let fields = (try? JSONValue(parsing: content))?.objectValue, !fields.isEmpty else {
                return nil
            }
            self = .key(fields.map { KeyField(name: $0.key, value: $0.value) }.sorted { $0.name < $1.name })
        case UInt8(ascii: "i"):
            guard let index = Int(text.dropFirst(2)) else { return nil }
            self = .index(index)
        default: return nil
        }
    }

    fileprivate var fieldsV1: String {
        switch self {
        case .field(let name): return "f:\(name)"
        case .value(let value): return "v:\(value)"
        case .index(let index): return "i:\(index)"
        case .key(let fields):
            var members = JSONMembers()
            for field in fields { members[field.name] = field.value }
            return "k:\(JSONValue.object(members))"
        }
    }
}
