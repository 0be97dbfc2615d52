internal import JSON

/// What the published schema of a type leaves to prose and to Go code: descriptions, allowed values and defaults of its fields.
struct TypeNotes {
    private let notes: JSONMembers

    /// The notes on a type: an object whose members are named after fields (with `.` for the type itself), each of them either a
    /// description or an object of schema keywords.
    init(_ notes: JSONValue?) {
        self.notes = notes?.objectValue ?? JSONMembers()
    }

    func add(to schema: inout JSONValue) {
        for note in notes {
            var target = note.key == "." ? schema : schema["properties"]?[note.key] ?? .null
            guard target.objectValue != nil else { continue }
            if case .object(let keywords) = note.value {
                for keyword in keywords { target[keyword.key] = keyword.value }
            } else {
                target["description"] = note.value
            }
            if note.key == "." {
                schema = target
            } else {
                var properties = schema["properties"] ?? .null
                properties[note.key] = target
                schema["properties"] = properties
            }
        }
    }
}
