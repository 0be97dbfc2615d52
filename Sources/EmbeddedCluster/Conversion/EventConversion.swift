import JSON
import KubernetesModel

/// Events have two forms, of core/v1 and of events.k8s.io/v1, and one storage: the core form is kept, the other is made of it.
///
/// The forms differ in the names of some fields and in nothing else (upstream, pkg/apis/core/v1 and pkg/apis/events/v1).
enum EventConversion {
    private static let group = "events.k8s.io"
    /// The names of one field in events.k8s.io and in core.
    private static let names: [(events: String, core: String)] = [
        ("regarding", "involvedObject"), ("note", "message"), ("reportingController", "reportingComponent"),
        ("deprecatedSource", "source"), ("deprecatedFirstTimestamp", "firstTimestamp"),
        ("deprecatedLastTimestamp", "lastTimestamp"), ("deprecatedCount", "count"),
    ]
    private static let toCore = Dictionary(uniqueKeysWithValues: names.map { ($0.events, $0.core) })
    private static let toEvents = Dictionary(uniqueKeysWithValues: names.map { ($0.core, $0.events) })

    /// The collection under which the objects of another are stored: for events of events.k8s.io those of core.
    static func stored(_ definition: ResourceDefinition) -> ResourceDefinition {
        guard definition.group == group, let core = ResourceCatalog.builtIn[.events] else {
            return definition
        }
        return core
    }

    /// An event of events.k8s.io, or a part of one, as it is stored.
    static func stored(_ event: JSONValue) -> JSONValue {
        var stored = renamed(event, toCore)
        if stored["apiVersion"] != nil { stored["apiVersion"] = "v1" }
        return stored
    }

    /// A stored event, or a part of one, in the form of events.k8s.io.
    static func served(_ event: KubernetesObject, in definition: ResourceDefinition) -> KubernetesObject {
        var served = renamed(event.json, toEvents)
        served["apiVersion"] = .string(definition.groupVersion.apiVersion)
        return KubernetesObject(served)
    }

    /// A patch of an event of events.k8s.io, of any kind, as one of the stored event.
    static func storedPatch(_ patch: JSONValue) -> JSONValue {
        guard let operations = patch.arrayValue else { return stored(patch) }
        return .array(
            operations.map { operation in
                var operation = operation
                for key in ["path", "from"] {
                    if let pointer = operation[key]?.stringValue {
                        operation[key] = .string(storedPointer(pointer))
                    }
                }
                return operation
            }
        )
    }

    /// The path of a field selector, such as `regarding.name`, in the stored event.
    static func storedField(_ path: String) -> String { renamedStart(of: path, "."[...], 0) }

    private static func storedPointer(_ pointer: String) -> String { renamedStart(of: pointer, "/"[...], 1) }

    /// Renames the element of a path that stands at that place.
    private static func renamedStart(of path: String, _ separator: Substring, _ place: Int) -> String {
        var elements = path.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
        if elements.indices.contains(place), let name = toCore[elements[place]] { elements[place] = name }
        return elements.joined(separator: String(separator))
    }

    private static func renamed(_ event: JSONValue, _ names: [String: String]) -> JSONValue {
        guard let members = event.objectValue else { return event }
        var renamed = JSONMembers()
        for member in members { renamed[names[member.key] ?? member.key] = member.value }
        return .object(renamed)
    }
}
