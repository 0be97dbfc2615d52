import ControlPlane
import HTTPServer
import HTTPTypes
import JSON
import Runtimes

/// `GET /api/deployments`, `GET /api/deployments/{name}` and `GET /api/deployments/{name}/pods`: what is known of deployments.
enum DeploymentRoutes {
    static func routes(cluster: ClusterAccess) -> [Route] {
        let lookup = DeploymentLookup(cluster: cluster)
        return [list(lookup), detail(lookup), pods(lookup)]
    }

    private static let staleness =
        "While the cluster is away what was known last is told, and the field `Age` says for how many seconds nothing has been "
        + "heard of it."

    private static func list(_ lookup: DeploymentLookup) -> Route {
        // Tells tags from those of a process before this one.
        let origin = String(UInt64.random(in: 0 ... .max), radix: 36)
        return Route(
            .get,
            "/api/deployments",
            access: .viewer,
            documentation: .init(
                operationID: "listDeployments",
                summary: "List deployments, newest first",
                description:
                    "Those of all namespaces unless one is named, all of them unless `limit` says otherwise. "
                    + staleness,
                tag: "Deployments",
                parameters: [DeploymentLookup.namespace("Only those in this namespace")]
                    + PageQuery.parameters("deployments"),
                answers: [
                    .init(200, "The deployments.", json: DeploymentList.self),
                    .init(400, "A parameter has a value that it cannot have.", json: ErrorBody.self),
                    .init(503, "The cluster has not been read yet.", json: ErrorBody.self),
                ]
            ),
            handler: .immediate { request, response in
                let query = request.query
                let page = try PageQuery(query)
                let namespace = try DeploymentLookup.namespace(query)
                let known = try lookup.known(&response)
                response.entityTag = "\"\(origin)-\(known.revision)\""
                var listed = known.newestFirst
                if let namespace { listed = listed.filter { $0.reading.namespace == namespace } }
                let (part, pagination) = page.part(of: listed)
                response.setJSON(
                    DeploymentList(deployments: part.map(DeploymentBody.init), page: pagination)
                )
            }
        )
    }

    private static func detail(_ lookup: DeploymentLookup) -> Route {
        Route(
            .get,
            "/api/deployments/{name}",
            access: .viewer,
            documentation: .init(
                operationID: "getDeployment",
                summary: "Tell how a deployment and its pods stand",
                description: staleness,
                tag: "Deployments",
                parameters: DeploymentLookup.parameters,
                answers: [.init(200, "The deployment.", json: DeploymentBody.self)]
                    + DeploymentLookup.failures
            ),
            handler: .immediate { request, response in
                response.setJSON(DeploymentBody(record: try lookup.find(request, &response)))
            }
        )
    }

    private static func pods(_ lookup: DeploymentLookup) -> Route {
        Route(
            .get,
            "/api/deployments/{name}/pods",
            access: .viewer,
            documentation: .init(
                operationID: "listDeploymentPods",
                summary: "List the pods of a deployment",
                description: staleness,
                tag: "Deployments",
                parameters: DeploymentLookup.parameters,
                answers: [.init(200, "The pods.", json: DeploymentPodList.self)]
                    + DeploymentLookup.failures
            ),
            handler: .immediate { request, response in
                let record = try lookup.find(request, &response)
                response.setJSON(DeploymentPodList(pods: record.pods.map(DeploymentPodBody.init)))
            }
        )
    }
}
