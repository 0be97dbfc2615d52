import CKubernetesSchemaData
import JSON
import KubernetesModel

/// What the fields of Kubernetes' own types are when they travel as protobuf.
struct ProtobufTypes: Sendable {
    /// What a field holds.
    indirect enum Kind: Sendable {
        case text
        case boolean
        case integer
        case double
        case bytes
        case list(Kind)
        case map(Kind)
        case time
        case microTime
        case quantity
        case intOrString
        case duration
        /// An object as JSON text.
        case raw
        /// A set of fields as JSON text.
        case fields
        case message(String)
    }

    /// One field of a type.
    struct Field: Sendable {
        /// The name in JSON; empty when the members stand in the object around it.
        let name: String
        let kind: Kind
        /// Whether zero stands for nothing.
        let omitsZero: Bool
    }

    static let shared = ProtobufTypes()

    private let types: [String: [Int: Field]]
    private let packages: [String: String]

    private init() {
        let data = ingot_kubernetes_protobuf()
        let bytes = UnsafeRawBufferPointer(start: data.start, count: data.count)
        let document = (try? JSONValue(parsing: bytes)) ?? .null
        var types: [String: [Int: Field]] = [:]
        for type in document["types"]?.objectValue ?? JSONMembers() {
            var fields: [Int: Field] = [:]
            for field in type.value.objectValue ?? JSONMembers() {
                guard let number = Int(field.key), let name = field.value[0]?.stringValue,
                    let code = field.value[1]?.stringValue
                else { continue }
                fields[number] = Field(name: name, kind: Self.kind(code), omitsZero: code.hasSuffix("?"))
            }
            types[type.key] = fields
        }
        self.types = types
        var packages: [String: String] = [:]
        for member in document["groups"]?.objectValue ?? JSONMembers() {
            if let group = member.value.stringValue { packages[group] = member.key }
        }
        self.packages = packages
    }

    private static func kind(_ code: String) -> Kind {
        if code.hasPrefix("[]") { return .list(kind(String(code.dropFirst(2)))) }
        if code.hasPrefix("{}") { return .map(kind(String(code.dropFirst(2)))) }
        switch code {
        case "s", "s?": return .text
        case "b", "b?": return .boolean
        case "i", "i?": return .integer
        case "d", "d?": return .double
        case "B": return .bytes
        case "time": return .time
        case "microtime": return .microTime
        case "quantity": return .quantity
        case "intorstring": return .intOrString
        case "duration": return .duration
        case "raw": return .raw
        case "fields": return .fields
        default: return .message(code)
        }
    }

    /// The fields of a type by number.
    func fields(of type: String) -> [Int: Field]? { types[type] }

    /// The name of a kind's type; nil for a kind that is not built in.
    func type(of kind: GroupVersionKind) -> String? {
        if kind.kind == "DeleteOptions" { return "meta.DeleteOptions" }
        guard kind.version == "v1", let package = packages[kind.group] else { return nil }
        let name = "\(package).\(kind.kind)"
        return types[name] == nil ? nil : name
    }
}
