import ControlPlane
import HTTPServer
import HTTPTypes
import Identity
import JSON
import Kubernetes
import KubernetesModel
import Runtimes

/// What requests about deployments of models stand for in the cluster.
struct DeploymentPermissions: Sendable {
    let cluster: ClusterAccess
    let planner: DeploymentPlanner

    /// The resource whose object a runtime's deployment is.
    static func resource(of runtime: RuntimeID) -> GroupVersionResource {
        switch runtime {
        case .dynamo:
            GroupVersionResource(
                group: "nvidia.com",
                version: "v1alpha1",
                resource: "dynamographdeployments"
            )
        case .kuberay: GroupVersionResource(group: "ray.io", version: "v1", resource: "rayservices")
        case .kaito: GroupVersionResource(group: "kaito.sh", version: "v1beta1", resource: "workspaces")
        case .kserve:
            GroupVersionResource(
                group: "serving.kserve.io",
                version: "v1beta1",
                resource: "inferenceservices"
            )
        case .vllm, .llamacpp: GroupVersionResource(group: "apps", version: "v1", resource: "deployments")
        }
    }

    // MARK: One deployment

    /// A verb on the deployment that a request names, or on each that it may mean. Where there is none, only those may know that who
    /// may do the same to plain deployments of the namespace, or of all; to read, who may list the pods there.
    func one(_ verb: String, _ request: borrowing Request) -> NeededPermissions {
        let isRead = verb == "get"
        let otherwise = NeededPermission.on(
            isRead ? "list" : verb,
            isRead ? NeededPermission.pods : Self.resource(of: .vllm),
            in: namespace(request)
        )
        let found = records(request)
        guard !found.isEmpty else { return NeededPermissions([otherwise]) }
        let all = found.map { record in
            NeededPermission.on(
                verb,
                Self.resource(of: record.reading.runtime),
                in: record.reading.namespace,
                named: record.reading.name
            )
        }
        return NeededPermissions(all, otherwise: otherwise)
    }

    /// A verb on something, or on a subresource of it.
    typealias Wanted = (verb: String, resource: GroupVersionResource, subresource: String?)

    /// Verbs on things in the namespace of the deployment that a request names.
    func beside(_ wanted: [Wanted], _ request: borrowing Request) -> NeededPermissions {
        func permissions(in namespace: String?) -> [Permission] {
            wanted.map {
                NeededPermission.on($0.verb, $0.resource, subresource: $0.subresource, in: namespace)
            }
        }
        let named = permissions(in: namespace(request))
        let found = records(request)
        guard !found.isEmpty else { return NeededPermissions(named) }
        let all = Set(found.map(\.reading.namespace)).sorted().flatMap { permissions(in: $0) }
        return NeededPermissions(all, otherwise: named.first)
    }

    private func records(_ request: borrowing Request) -> [DeploymentRecord] {
        let query = request.query
        let provider = query["provider"]
        return cluster.deployments.snapshot
            .named(request.parameters["name"] ?? "", namespace: query["namespace"])
            .filter { provider == nil || $0.reading.runtime.rawValue == provider }
    }

    private func namespace(_ request: borrowing Request) -> String? {
        request.query["namespace"].flatMap { $0.isEmpty ? nil : $0 }
    }

    // MARK: Several

    /// To list what deployments there are: their pods, and every resource of which there is a deployment, in the namespace that the
    /// request names or else in all.
    func list(_ request: borrowing Request) -> NeededPermissions {
        let namespace = namespace(request)
        var resources: [GroupVersionResource] = [NeededPermission.pods]
        let runtimes = cluster.deployments.snapshot.runtimes(in: namespace)
        // In an order of their own, so that a refusal names the same every time.
        for runtime in RuntimeID.allCases where runtimes.contains(runtime) {
            let resource = Self.resource(of: runtime)
            if !resources.contains(resource) { resources.append(resource) }
        }
        return NeededPermissions(resources.map { NeededPermission.on("list", $0, in: namespace) })
    }

    /// To follow what becomes of deployments: their pods, and every resource that may have deployments later, so all that the cluster
    /// has.
    func follow(_ request: borrowing Request) -> NeededPermissions {
        let namespace = namespace(request)
        var resources = [NeededPermission.pods, Self.resource(of: .vllm)]
        for resource in RuntimeResources.all
        where cluster.caches?.customResources(resource.groupResource)?.state.isUnavailable == false {
            resources.append(resource)
        }
        return NeededPermissions(resources.map { NeededPermission.on("list", $0, in: namespace) })
    }

    // MARK: Wishes

    /// To make every object of the deployment that a body wishes for.
    func creation(_ request: Request) -> NeededPermissions {
        let body = try? JSONValue(parsing: request.body)
        guard let body, let wish = try? DeploymentRequest(json: body),
            let wished = try? planner.resources(of: wish)
        else {
            // It is refused; why, only those are told who might have had it.
            let namespace = body?["namespace"]?.stringValue ?? cluster.defaultNamespace
            return NeededPermissions([
                NeededPermission.on("create", Self.resource(of: .vllm), in: namespace)
            ])
        }
        return NeededPermissions(
            wished.resources.map { NeededPermission.on("create", $0, in: wished.namespace) }
        )
    }

    /// To see what would be made of a wish, and so what there is in its namespace.
    func preview(_ request: Request) -> NeededPermissions {
        let body = try? JSONValue(parsing: request.body)
        let namespace = body?["namespace"]?.stringValue ?? cluster.defaultNamespace
        return NeededPermissions([NeededPermission.on("list", NeededPermission.pods, in: namespace)])
    }
}
