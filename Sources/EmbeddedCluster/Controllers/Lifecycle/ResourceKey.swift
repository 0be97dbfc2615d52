import KubernetesModel

/// An object's place together with its resource, for controllers that look after objects of every resource: the name of the
/// key starts with the resource.
struct ResourceKey: Sendable, Hashable {
    let resource: GroupResource
    let key: ObjectKey

    init(_ resource: GroupResource, _ key: ObjectKey) {
        self.resource = resource
        self.key = key
    }

    /// Reads what `queueKey` has made; nil for any other key.
    init?(queueKey: ObjectKey) {
        guard let slash = queueKey.name.firstIndex(of: "/") else { return nil }
        let resource = queueKey.name[..<slash]
        let dot = resource.firstIndex(of: ".") ?? resource.endIndex
        self.resource = GroupResource(
            group: String(resource[dot...].dropFirst()),
            resource: String(resource[..<dot])
        )
        key = ObjectKey(
            namespace: queueKey.namespace,
            name: String(queueKey.name[queueKey.name.index(after: slash)...])
        )
    }

    /// The two in one key, such as `default/deployments.apps/web`.
    var queueKey: ObjectKey {
        ObjectKey(namespace: key.namespace, name: "\(resource)/\(key.name)")
    }
}
