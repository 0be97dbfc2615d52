import Capacity
import ControlPlane
import JSON
import Kubernetes

/// What it takes to keep the inventory up to date, one pod event at a time, each published before the next.
struct UpdateSpeed {
    /// The inventory.
    let inventory = ClusterInventory()
    private let nodes: Int

    /// An inventory of so many nodes with 8 GPUs and so many running pods, of which every eighth has a GPU.
    init(nodes: Int, pods: Int) throws {
        self.nodes = nodes
        inventory.nodesChanged(try (0..<nodes).map { CacheChange(old: nil, new: try Self.node($0)) })
        inventory.podsChanged(
            try (0..<pods).map {
                CacheChange(old: nil, new: try Self.listedPod($0, nodes))
            }
        )
    }

    /// Microseconds for an event: of a GPU pod that starts or ends, of one without GPUs, and of one that stays as it is but for
    /// its status.
    func measure(rounds: Int, _ stopwatch: inout Stopwatch) throws -> JSONValue {
        var figures = JSONMembers()
        for (name, gpus) in [("gpuPods", 1), ("otherPods", 0)] {
            let pods = try (0..<500).map { try Self.pod(1_000_000 + $0, on: $0 * 7 % nodes, gpus: gpus) }
            let time = stopwatch.measure(repetitions: rounds, operations: 2 * pods.count) {
                for pod in pods { inventory.podsChanged([CacheChange(old: nil, new: pod)]) }
                for pod in pods { inventory.podsChanged([CacheChange(old: pod, new: nil)]) }
                return Int(inventory.snapshot.totals.allocated)
            }
            figures[name] = .number(time.median)
        }
        let before = try (0..<1000).map { try Self.listedPod($0, nodes) }
        let after = try (0..<1000).map { try Self.listedPod($0, nodes, restarts: 1) }
        let time = stopwatch.measure(repetitions: rounds, operations: before.count) {
            for (old, new) in zip(before, after) { inventory.podsChanged([CacheChange(old: old, new: new)]) }
            return Int(inventory.snapshot.totals.allocated)
        }
        figures["statuses"] = .number(time.median)
        return .object(figures)
    }

    /// One of the pods of the list, spread so that each node has as many with GPUs as any other.
    private static func listedPod(_ number: Int, _ nodes: Int, restarts: Int = 0) throws -> PodProjection {
        try pod(
            number,
            on: (number + number / nodes) % nodes,
            gpus: number % 8 == 0 ? 1 : 0,
            restarts: restarts
        )
    }

    private static func pod(_ number: Int, on node: Int, gpus: Int, restarts: Int = 0) throws -> PodProjection
    {
        var requests: JSONValue = ["cpu": "2500m", "memory": "12Gi", "ephemeral-storage": "20Gi"]
        if gpus > 0 { requests["nvidia.com/gpu"] = .string("\(gpus)") }
        let pod: JSONValue = [
            "metadata": [
                "name": .string("model-server-\(number / 10)-6f8d9c7b5d-\(number)"),
                "namespace": "team-models", "resourceVersion": .string("\(number + restarts)"),
                "ownerReferences": [
                    ["kind": "ReplicaSet", "name": "model-server", "uid": "77aa33f7", "controller": true]
                ],
            ],
            "spec": [
                "nodeName": .string(Self.name(node)),
                "initContainers": [
                    [
                        "name": "weights", "image": "registry.example.com/weights:1",
                        "resources": ["requests": ["cpu": "500m", "memory": "1Gi"]],
                    ]
                ],
                "containers": [
                    [
                        "name": "server", "image": "registry.example.com/model-server:2",
                        "resources": ["requests": requests],
                    ]
                ],
            ],
            "status": [
                "phase": "Running",
                "containerStatuses": [
                    ["name": "server", "ready": true, "restartCount": .integer(Int64(restarts))]
                ],
            ],
        ]
        return try PodProjection.parsing(pod.encoded())
    }

    private static func node(_ number: Int) throws -> NodeProjection {
        let node: JSONValue = [
            "metadata": ["name": .string(name(number)), "labels": .object(GPUNodes.labels(number))],
            "status": [
                "allocatable": [
                    "cpu": "192", "memory": "2Ti", "pods": "250", "nvidia.com/gpu": "8",
                    "ephemeral-storage": "960545230Ki",
                ],
                "conditions": [["type": "Ready", "status": "True"]],
            ],
        ]
        return try NodeProjection.parsing(node.encoded())
    }

    private static func name(_ node: Int) -> String { "ip-10-0-\(node).compute.internal" }
}
