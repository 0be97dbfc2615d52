import Capacity
import ControlPlane
import HTTPServer
import HTTPTypes
import JSON
import Kubernetes

/// `GET /api/installation/gpu-capacity`, `…/detailed` and `GET /api/capacity/fragmentation`.
enum CapacityRoutes {
    static func routes(cluster: ClusterAccess, catalog: ModelCatalog) -> [Route] {
        let kept = KeptCapacity()
        let largest = LargestModelSearch(catalog: catalog)
        return [
            Route(
                .get,
                "/api/installation/gpu-capacity",
                access: .viewer,
                documentation: .init(
                    operationID: "getGPUCapacity",
                    summary: "Count the cluster's GPUs, in use and free, node by node",
                    description: staleness,
                    tag: "Capacity",
                    answers: [
                        .init(200, "The GPUs of the cluster.", json: GPUCapacity.self),
                        .init(503, "The cluster has not been read yet.", json: ErrorBody.self),
                    ]
                ),
                handler: .immediate { _, response in
                    let inventory = try known(cluster, &response)
                    let answer = kept.answer(inventory)
                    response.entityTag = answer.entityTag
                    response.contentType = .json
                    response.body = .bytes(answer.json)
                }
            ),
            Route(
                .get,
                "/api/installation/gpu-capacity/detailed",
                access: .viewer,
                documentation: .init(
                    operationID: "getGPUCapacityByPool",
                    summary: "Count the cluster's GPUs, in use and free, pool by pool",
                    description: staleness,
                    tag: "Capacity",
                    answers: [
                        .init(200, "The GPUs of the cluster.", json: PooledGPUCapacity.self),
                        .init(503, "The cluster has not been read yet.", json: ErrorBody.self),
                    ]
                ),
                handler: .immediate { _, response in
                    response.setJSON(PooledGPUCapacity(try known(cluster, &response)))
                }
            ),
            Route(
                .get,
                "/api/capacity/fragmentation",
                access: .viewer,
                documentation: .init(
                    operationID: "getCapacityFragmentation",
                    summary:
                        "Tell how the free GPUs lie, what is stranded, which pods to move to make room, and which model has room",
                    description: staleness,
                    tag: "Capacity",
                    answers: [
                        .init(200, "How the free GPUs lie.", json: FragmentationReport.self),
                        .init(503, "The cluster has not been read yet.", json: ErrorBody.self),
                    ]
                ),
                // Advice on moves may look at every node.
                handler: .asynchronous { _ in
                    var response = Response()
                    let inventory = try known(cluster, &response)
                    response.setJSON(
                        FragmentationReport(inventory, await largest.find(in: inventory))
                    )
                    return response
                }
            ),
        ]
    }

    private static let staleness =
        "While the cluster is away the numbers known last are told, and the field `Age` says for how many seconds nothing has been "
        + "heard of it."

    /// The inventory, once nodes and pods have been read; numbers before that would look like an answer and be none.
    private static func known(
        _ cluster: ClusterAccess,
        _ response: inout Response
    ) throws -> GPUInventory {
        let states = [cluster.caches?.nodes.state, cluster.caches?.pods.state].compactMap { $0 }
        try response.add(ageOf: states, "GPUs", in: cluster)
        return cluster.inventory.snapshot
    }
}
