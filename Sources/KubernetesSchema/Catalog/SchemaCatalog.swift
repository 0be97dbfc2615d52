internal import CKubernetesSchemaData
internal import JSON
public import KubernetesModel

/// The schemas of Kubernetes' own kinds.
public struct SchemaCatalog: Sendable {
    /// All types by name, those of fields too.
    public let types: SchemaTypes
    private let kinds: [GroupVersionKind: ObjectSchema]

    /// The schemas of the types in this program, read at first use.
    public static let builtin = SchemaCatalog()

    /// The schema of a kind; nil when it is none of Kubernetes' own, or not among those kept.
    public subscript(type: GroupVersionKind) -> ObjectSchema? { kinds[type] }

    /// All kinds, in the order of group, version and kind.
    public var all: [ObjectSchema] {
        kinds.values.sorted {
            ($0.type.group, $0.type.version, $0.type.kind) < ($1.type.group, $1.type.version, $1.type.kind)
        }
    }

    /// The type of every object's `metadata`.
    static let objectMetadataName = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"

    private init() {
        let notes = Self.json(from: ingot_kubernetes_notes())
        let notesOnAll = TypeNotes(notes["*"])
        var schemas: [String: StructuralSchema] = [:]
        var names: [(GroupVersionKind, String)] = []
        for type in Self.json(from: ingot_kubernetes_types()).objectValue ?? JSONMembers() {
            var schema = type.value
            if schema["x-kubernetes-group-version-kind"] != nil { notesOnAll.add(to: &schema) }
            TypeNotes(notes[type.key]).add(to: &schema)
            schemas[type.key] = StructuralSchema(openAPI: schema)
            for entry in schema["x-kubernetes-group-version-kind"]?.arrayValue ?? [] {
                let kind = GroupVersionKind(
                    group: entry["group"]?.stringValue ?? "",
                    version: entry["version"]?.stringValue ?? "",
                    kind: entry["kind"]?.stringValue ?? ""
                )
                names.append((kind, type.key))
            }
        }
        let types = SchemaTypes(schemas)
        self.types = types
        kinds = Dictionary(
            names.map { kind, name in
                let root = SchemaCursor(StructuralSchema(reference: name), types)
                return (kind, ObjectSchema(type: kind, name: name, root: root))
            },
            uniquingKeysWith: { first, _ in first }
        )
    }

    private static func json(from bytes: ingot_bytes) -> JSONValue {
        // What is wrong with these files, which are part of the program, shows in the tests.
        (try? JSONValue(parsing: UnsafeBufferPointer(start: bytes.start, count: bytes.count))) ?? .null
    }
}
