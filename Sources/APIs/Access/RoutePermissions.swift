import ControlPlane
import HTTPServer
import HTTPTypes
import Identity
import KubernetesModel

/// What each route stands for in the cluster, so that a caller whom the cluster knows does through Ingot only what it lets them do.
/// A route that is not named here stands for what its role is about.
struct RoutePermissions: Sendable {
    typealias Needs = @Sendable (Request) -> RouteNeeds

    private let needs: [String: Needs]

    /// What a request for a route needs.
    func needs(_ request: Request, _ route: Route) -> RouteNeeds {
        let key = "\(route.method.rawValue) \(route.path)"
        if let needs = needs[key] { return needs(request) }
        return .permissions(NeededPermissions(Self.usual(route.access)))
    }

    /// Reading without more ado is for everybody whom the cluster knows: what the Hub publishes is no secret of the cluster. What may
    /// reach anything, such as an installer, is for those who may reach everything without it.
    private static func usual(_ access: Route.Access) -> [Permission] {
        switch access {
        case .anyone, .viewer: []
        case .operator: [NeededPermission.on("create", NeededPermission.pods)]
        case .admin: [NeededPermission.on("*", NeededPermission.everything)]
        }
    }

    init(cluster: ClusterAccess, planner: DeploymentPlanner) {
        let deployments = DeploymentPermissions(cluster: cluster, planner: planner)
        var needs: [String: Needs] = [:]
        func allow(_ routes: [String], _ needed: @escaping @Sendable (Request) -> [Permission]) {
            for route in routes { needs[route] = { .permissions(NeededPermissions(needed($0))) } }
        }
        allow(["GET /metrics"]) { _ in [.path("/metrics", verb: "get")] }
        allow([
            "GET /api/cluster/status", "GET /api/cluster/nodes", "GET /api/installation/gpu-capacity",
            "GET /api/installation/gpu-capacity/detailed", "POST /api/fit", "GET /api/models/{model}/fit",
            "GET /api/models/{model}/{name}/fit", "GET /api/autoscaler/detection",
            "GET /api/autoscaler/status",
        ]) { _ in [NeededPermission.on("list", NeededPermission.nodes)] }
        // It names the pods that stand in the way.
        allow(["GET /api/capacity/fragmentation"]) { _ in
            [NeededPermission.nodes, NeededPermission.pods].map { NeededPermission.on("list", $0) }
        }
        allow([
            "GET /api/runtimes/status", "GET /api/installation/helm/status",
            "GET /api/installation/providers/{id}/status", "GET /api/installation/gpu-operator/status",
            "GET /api/tasks", "GET /api/tasks/{id}", "GET /api/tasks/{id}/events",
        ]) { _ in [NeededPermission.on("list", NeededPermission.definitions)] }
        allow(["GET /api/secrets/huggingface/status"]) { _ in
            [NeededPermission.on("list", NeededPermission.secrets)]
        }
        // Who may save a token may get one to save.
        allow([
            "POST /api/secrets/huggingface", "POST /api/oauth/huggingface/start",
            "POST /api/oauth/huggingface/token", "POST /api/oauth/huggingface/token-with-state",
        ]) { _ in
            ["create", "update"].map { NeededPermission.on($0, NeededPermission.secrets) }
        }
        allow(["DELETE /api/secrets/huggingface"]) { _ in
            [NeededPermission.on("delete", NeededPermission.secrets)]
        }
        if let settings = cluster.settings {
            let namespace = settings.namespace
            allow(["PUT /api/settings"]) { _ in
                [NeededPermission.on("update", NeededPermission.configMaps, in: namespace)]
            }
        }
        Self.addDeployments(deployments, to: &needs)
        self.needs = needs
    }

    private static func addDeployments(_ deployments: DeploymentPermissions, to needs: inout [String: Needs])
    {
        let one = "/api/deployments/{name}"
        let pods = NeededPermission.pods
        needs["GET /api/deployments"] = { .permissions(deployments.list($0)) }
        needs["GET /api/deployments/events"] = { request in .changing { deployments.follow(request) } }
        for path in [one, "\(one)/manifest", "\(one)/metrics"] {
            needs["GET \(path)"] = { .permissions(deployments.one("get", $0)) }
        }
        for path in ["\(one)/pods", "\(one)/pending-reasons"] {
            needs["GET \(path)"] = { .permissions(deployments.beside([("list", pods, nil)], $0)) }
        }
        needs["GET \(one)/diagnosis"] = {
            let read: [DeploymentPermissions.Wanted] = [
                ("list", pods, nil), ("list", NeededPermission.events, nil),
            ]
            return .permissions(deployments.beside(read, $0))
        }
        needs["GET \(one)/logs"] = { .permissions(deployments.beside([("get", pods, "log")], $0)) }
        // As the API server judges what goes through its proxy: by the method.
        needs["GET \(one)/v1/{path...}"] = {
            .permissions(deployments.beside([("get", pods, "proxy")], $0))
        }
        for path in ["\(one)/v1/{path...}", "\(one)/chat"] {
            needs["POST \(path)"] = { .permissions(deployments.beside([("create", pods, "proxy")], $0)) }
        }
        needs["DELETE \(one)"] = { .permissions(deployments.one("delete", $0)) }
        needs["PATCH \(one)"] = { .permissions(deployments.one("patch", $0)) }
        needs["POST \(one)/restart"] = { .permissions(deployments.one("patch", $0)) }
        needs["POST /api/deployments"] = { request in .found { deployments.creation(request) } }
        needs["POST /api/deployments/preview"] = { request in .found { deployments.preview(request) } }
    }
}
