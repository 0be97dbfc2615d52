import HTTPServer
import Identity
import Kubernetes
import KubernetesModel

/// What a caller must be allowed to do in the cluster for a request.
enum RouteNeeds: Sendable {
    /// All of this; nothing where being known is enough.
    case permissions([Permission])
    /// What this finds out, which takes more time than an event loop has.
    case found(@Sendable () -> [Permission])
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
