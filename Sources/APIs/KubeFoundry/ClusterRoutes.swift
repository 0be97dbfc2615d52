import ControlPlane
import HTTPServer
import HTTPTypes
import JSON
import Kubernetes
import KubernetesModel

/// `GET /api/cluster/status` and `GET /api/cluster/nodes`.
enum ClusterRoutes {
    static func routes(cluster: ClusterAccess) -> [Route] {
        let list = KeptNodeList()
        return [
            Route(
                .get,
                "/api/cluster/status",
                access: .viewer,
                documentation: .init(
                    operationID: "getClusterStatus",
                    summary: "Tell whether the cluster can be reached, and how old what is known of it is",
                    description: "Always 200: `connected` and `error` tell of an outage.",
                    tag: "Cluster",
                    answers: [.init(200, "How the cluster stands.", json: ClusterStatus.self)]
                ),
                handler: .immediate { _, response in
                    response.setJSON(ClusterStatus(cluster, now: .now()))
                }
            ),
            Route(
                .get,
                "/api/cluster/nodes",
                access: .viewer,
                documentation: .init(
                    operationID: "listClusterNodes",
                    summary: "List the nodes that take pods",
                    description:
                        "Cordoned nodes are left out. While the cluster is away the nodes known last are listed, and the field `Age` "
                        + "says for how many seconds nothing has been heard of it.",
                    tag: "Cluster",
                    answers: [
                        .init(200, "The nodes, by name.", json: NodeList.self),
                        .init(503, "The cluster has not been read yet.", json: ErrorBody.self),
                    ]
                ),
                handler: .immediate { request, response in
                    try answerNodes(cluster, list, &response)
                }
            ),
        ]
    }

    private static func answerNodes(
        _ cluster: ClusterAccess,
        _ list: KeptNodeList,
        _ response: inout Response
    ) throws {
        let nodes = cluster.caches?.nodes
        try response.add(ageOf: [nodes?.state].compactMap { $0 }, "nodes", in: cluster)
        guard let nodes else { return }
        let answer = list.answer(nodes)
        response.entityTag = answer.entityTag
        response.contentType = .json
        response.body = .bytes(answer.json)
    }
}

/// The answer of `GET /api/cluster/nodes`.
struct NodeList: JSONObject {
    let nodes: [NodeText]

    static let schemaName = "ClusterNodes"
    static let fields: [JSONField<NodeList>] = [
        .init("nodes", "The nodes, by name") { $0.nodes }
    ]
}

/// A node in a list.
struct ClusterNode: JSONObject {
    let node: NodeSummary

    static let schemaName = "ClusterNode"
    static let fields: [JSONField<ClusterNode>] = [
        .init("name", "The name", example: "gpu-node-1") { $0.node.name },
        .init("ready", "Whether its kubelet says that it can run pods") { $0.node.isReady },
        .init("gpuCount", "GPUs that pods may request on it", example: 8) { $0.node.gpuCount },
    ]
}
