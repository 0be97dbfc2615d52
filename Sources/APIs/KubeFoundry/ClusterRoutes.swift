import ControlPlane
import HTTPServer
import HTTPTypes
import JSON
import Kubernetes
import KubernetesModel
import Synchronization

/// `GET /api/cluster/status` and `GET /api/cluster/nodes`.
enum ClusterRoutes {
    static func routes(cluster: ClusterAccess) -> [Route] {
        let list = KeptNodeList()
        return [
            Route(
                .get,
                "/api/cluster/status",
                access: .anyone,
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
                        "Cordoned nodes are left out. While the cluster is away the nodes known last are listed.",
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
        guard let nodes = cluster.caches?.nodes, nodes.state.isSynced else {
            throw HTTPError(
                .serviceUnavailable,
                code: "CLUSTER_UNAVAILABLE",
                message: "the nodes are not known: \(cluster.problem(at: .now()) ?? "they may not be read")"
            )
        }
        response.entityTag = "\"nodes-\(nodes.revision)\""
        response.contentType = .json
        response.body = .bytes(list.json(of: nodes))
    }
}

/// The list as it was written last. A large cluster's is long, and asked for more often than nodes change.
final class KeptNodeList: Sendable {
    private let kept = Mutex<(revision: UInt64, json: [UInt8])?>(nil)

    /// The JSON of the list.
    func json(of nodes: CacheSnapshot<NodeProjection>) -> [UInt8] {
        if let kept = kept.withLock(\.self), kept.revision == nodes.revision { return kept.json }
        var writer = JSONWriter()
        NodeList(nodes: NodeSummary.list(nodes)).encode(to: &writer)
        let json = writer.take()
        kept.withLock { $0 = (nodes.revision, json) }
        return json
    }
}

/// The answer of `GET /api/cluster/nodes`.
struct NodeList: JSONObject {
    let nodes: [NodeSummary]

    static let schemaName = "ClusterNodes"
    static let fields: [JSONField<NodeList>] = [
        .init("nodes", "The nodes, by name") { $0.nodes.map(ClusterNode.init) }
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
