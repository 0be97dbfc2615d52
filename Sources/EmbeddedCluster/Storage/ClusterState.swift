import HashTreeCollections
public import KubernetesModel

/// Everything that the cluster holds, at one revision. A copy costs nothing and never changes.
public struct ClusterState: Sendable {
    /// The objects of one resource.
    struct Table: Sendable {
        var namespaces: TreeDictionary<String, TreeDictionary<String, KubernetesObject>> = [:]
        /// The revision of the last change to any of them.
        var revision: UInt64 = 0
    }

    /// Counts the changes; the resource version of what changed last.
    public internal(set) var revision: UInt64 = 0
    private var tables: [GroupResource: Table] = [:]

    init() {}

    /// The object with that key, or nil.
    public func object(_ resource: GroupResource, _ key: ObjectKey) -> KubernetesObject? {
        tables[resource]?.namespaces[key.namespace]?[key.name]
    }

    /// The object with that name, or nil.
    public func object(_ resource: GroupResource, _ namespace: String, _ name: String) -> KubernetesObject? {
        object(resource, ObjectKey(namespace: namespace, name: name))
    }

    /// The objects of a namespace, or of all with nil, in the order of their keys.
    public func objects(_ resource: GroupResource, in namespace: String? = nil) -> [KubernetesObject] {
        guard let table = tables[resource] else { return [] }
        guard let namespace else {
            return table.namespaces.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
                .flatMap { objects(resource, in: $0) }
        }
        return (table.namespaces[namespace] ?? [:])
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map(\.value)
    }

    /// The revision of the last change to an object of that resource; 0 when there was none since the start.
    public func revision(of resource: GroupResource) -> UInt64 {
        tables[resource]?.revision ?? 0
    }

    /// The resources that have objects.
    var resources: [GroupResource] {
        tables.filter { !$0.value.namespaces.isEmpty }.keys.sorted()
    }

    mutating func put(_ resource: GroupResource, _ object: KubernetesObject) {
        tables[resource, default: Table()].namespaces[object.namespace, default: [:]][object.name] = object
        tables[resource]?.revision = revision
    }

    mutating func remove(_ resource: GroupResource, _ key: ObjectKey) {
        tables[resource]?.namespaces[key.namespace]?[key.name] = nil
        if tables[resource]?.namespaces[key.namespace]?.isEmpty == true {
            tables[resource]?.namespaces[key.namespace] = nil
        }
        tables[resource]?.revision = revision
    }
}
