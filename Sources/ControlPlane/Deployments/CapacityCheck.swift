import Capacity
import Runtimes

/// Holds what a deployment asks for against the GPUs that there are.
struct CapacityCheck {
    /// Where the workers can go now; nil where no GPU is asked for.
    private(set) var placement: Placement?
    /// What is in the way, in the words that the KubeFoundry API has for it.
    private(set) var warnings: [String] = []

    /// - Parameters:
    ///   - minimum: the fewest GPUs for a worker that the catalogue has for the model.
    init(_ spec: DeploymentSpec, on inventory: GPUInventory, minimum: Int) {
        let groups = spec.groups.filter { $0.gpus > 0 && $0.replicas.count > 0 }
        guard !groups.isEmpty else { return }
        let wanted = groups.reduce(0) { $0 + $1.gpus * $1.replicas.count }
        let free = Int(clamping: inventory.totals.free)
        if wanted > free {
            warnings.append(
                "⚠️ Insufficient cluster GPUs: Deployment requires \(wanted) GPU(s) but only \(free) are available in the cluster"
            )
        }
        let widest = groups.map(\.gpus).max() ?? 0
        let block = Int(
            clamping: inventory.nodes.lazy.filter(\.node.takesPods).map(\.freeDevices).max() ?? 0
        )
        if widest > block {
            warnings.append(
                "⚠️ Scheduling constraint: Each worker requires \(widest) GPU(s) but the largest available block on any node is \(block) GPU(s)"
            )
        }
        let narrowest = groups.map(\.gpus).min() ?? 0
        if narrowest < minimum {
            warnings.append(
                "⚠️ Model requirement: Model requires at least \(minimum) GPU(s) per worker but configuration specifies \(narrowest)"
            )
        }
        place(spec, groups, inventory)
    }

    /// The largest workers are placed first: what is left over takes small ones, not the other way round.
    private mutating func place(_ spec: DeploymentSpec, _ groups: [WorkerGroup], _ inventory: GPUInventory) {
        guard let group = groups.max(by: { $0.gpus < $1.gpus }) else { return }
        var request = PlacementRequest(
            replicas: group.replicas.count,
            resource: spec.resources.gpuResource,
            unitsPerWorker: Int64(group.gpus)
        )
        request.nodeSelector = spec.nodeSelector
        request.tolerations = spec.tolerations.map { toleration in
            PlacementRequest.Toleration(
                key: toleration.key,
                value: toleration.operator == "Equal" ? toleration.value : nil,
                effect: toleration.effect
            )
        }
        let placement = Placement(request, on: inventory)
        self.placement = placement
        guard !placement.isComplete, warnings.isEmpty else { return }
        let reasons = placement.rejections.sorted { "\($0.key)" < "\($1.key)" }.map {
            "\($0.value) \($0.key)"
        }
        warnings.append(
            "only \(placement.replicas.count) of \(group.replicas.count) workers with \(group.gpus) GPU(s) have a place now"
                + (reasons.isEmpty ? "" : "; the other nodes: " + reasons.joined(separator: ", "))
        )
    }
}
