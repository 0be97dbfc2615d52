import HTTPServer
import Identity
import Kubernetes
import KubernetesModel

/// What a caller must be allowed to do in the cluster for a request.
enum RouteNeeds: Sendable {
    /// This.
    case permissions(NeededPermissions)
    /// This at first; what the answer goes on to tell of may need more later.
    case changing(@Sendable () -> NeededPermissions)
    /// What this finds out, which takes more time than an event loop has.
    case found(@Sendable () -> NeededPermissions)
}

/// Permissions of which a caller needs each.
struct NeededPermissions: Sendable {
    /// What is needed; nothing where being known is enough.
    let all: [Permission]
    /// Where the names in `all` were found out: what would be needed if there were nothing of these names. Who has not even that is
    /// told that it is missing, and so does not learn what there is.
    var otherwise: Permission?

    init(_ all: [Permission], otherwise: Permission? = nil) {
        self.all = all
        self.otherwise = otherwise
    }
}

/// Makes the permissions of requests.
enum NeededPermission {
    static let pods = GroupVersionResource(version: "v1", resource: "pods")
    static let nodes = GroupVersionResource(version: "v1", resource: "nodes")
    static let events = GroupVersionResource(version: "v1", resource: "events")
    static let secrets = GroupVersionResource(version: "v1", resource: "secrets")
    static let configMaps = GroupVersionResource(version: "v1", resource: "configmaps")
    static let definitions = GroupVersionResource(
        group: "apiextensions.k8s.io",
        version: "v1",
        resource: "customresourcedefinitions"
    )
    /// Everything: what an administrator of the cluster may touch.
    static let everything = GroupVersionResource(group: "*", version: "*", resource: "*")

    /// A verb on objects.
    static func on(
        _ verb: String,
        _ resource: GroupVersionResource,
        subresource: String? = nil,
        in namespace: String? = nil,
        named name: String? = nil
    ) -> Permission {
        .resource(
            AccessRequest(verb, resource, subresource: subresource, namespace: namespace, name: name)
        )
    }
}
