import KubernetesModel

/// What a path below `/api` or `/apis` names: a collection, one object, or a part of one.
struct ResourcePath: Sendable, Hashable {
    var groupVersion: GroupVersion
    /// The namespace, or nil for all of them and for resources without namespaces.
    var namespace: String?
    var resource: String
    var name: String?
    /// Such as `status`, `log` or `proxy`.
    var subresource: String?
    /// What follows a subresource, such as the path that a proxy passes on, with its leading slash.
    var rest: String = ""

    /// Reads the segments behind `/api` or `/apis`, decoded. Nil when they name no resource: discovery paths and wrong ones.
    ///
    /// `namespaces/{name}` and its own subresources name the namespace; anything else below it names what is in it.
    init?(core: Bool, segments: [String]) {
        var segments = segments[...]
        guard let first = segments.popFirst() else { return nil }
        if core {
            groupVersion = GroupVersion(group: "", version: first)
        } else {
            guard let version = segments.popFirst() else { return nil }
            groupVersion = GroupVersion(group: first, version: version)
        }
        guard let resource = segments.popFirst(), !resource.isEmpty else { return nil }
        if resource == "namespaces", segments.count >= 2, !(core && Self.isOfNamespace(segments)) {
            namespace = segments.popFirst()
            guard let inner = segments.popFirst(), !inner.isEmpty else { return nil }
            self.resource = inner
        } else {
            self.resource = resource
        }
        if let name = segments.popFirst() { self.name = name }
        if let subresource = segments.popFirst() { self.subresource = subresource }
        if !segments.isEmpty { rest = "/" + segments.joined(separator: "/") }
    }

    private static func isOfNamespace(_ segments: ArraySlice<String>) -> Bool {
        guard segments.count == 2, let last = segments.last else { return false }
        return last == "status" || last == "finalize"
    }

    /// The collection, to be found in the catalog.
    var collection: GroupVersionResource {
        GroupVersionResource(group: groupVersion.group, version: groupVersion.version, resource: resource)
    }
}
