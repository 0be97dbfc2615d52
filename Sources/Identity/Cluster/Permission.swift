public import Kubernetes
import KubernetesModel

/// Something that a user of the cluster must be allowed to do there.
public enum Permission: Sendable, Hashable, CustomStringConvertible {
    /// A verb on objects.
    case resource(AccessRequest)
    /// A verb on a path that is no resource's, such as `get` on `/metrics`.
    case path(String, verb: String)

    /// The permission in words: `create rayservices.ray.io in the namespace prod`.
    public var description: String {
        switch self {
        case .path(let path, let verb): return "\(verb) \(path)"
        case .resource(let request):
            var text = "\(request.verb) \(request.resource.resource)"
            if !request.resource.group.isEmpty { text += ".\(request.resource.group)" }
            if let subresource = request.subresource { text += "/\(subresource)" }
            if let name = request.name { text += " named \(name)" }
            return text + (request.namespace.map { " in the namespace \($0)" } ?? " in the whole cluster")
        }
    }
}
