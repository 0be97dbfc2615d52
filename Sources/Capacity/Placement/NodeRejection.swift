/// Why a node takes no worker.
public enum NodeRejection: String, Sendable, Hashable, CaseIterable {
    /// Its kubelet does not say that it can run pods.
    case notReady
    /// It is cordoned.
    case cordoned
    /// It lacks a label that is asked for.
    case selector
    /// It has a taint that is not tolerated.
    case taint
    /// It has none of the accelerators.
    case noAccelerator
    /// Its accelerators are of another product.
    case product
    /// Its accelerators have too little memory, or it is not known how much.
    case unitMemory
    /// Several units are needed, and its units are shares or slices that cannot work together.
    case cannotCombine
    /// It has the accelerators, but never as many as one worker needs.
    case tooFewUnits
    /// Too few of its accelerators are free.
    case unitsInUse
    /// Too little CPU is free.
    case cpu
    /// Too little memory is free.
    case memory
}

extension PlacementRequest {
    /// How many workers a node takes now, or why none.
    func capacity(of node: NodeInventory) -> Result<Int, Refusal> {
        if !node.node.isReady { return .failure(.init(.notReady)) }
        if node.node.isCordoned { return .failure(.init(.cordoned)) }
        guard let accelerator = node.accelerators.first(where: { $0.resource.name == resource }),
            accelerator.count > 0
        else { return .failure(.init(.noAccelerator)) }
        if !node.node.has(nodeSelector) { return .failure(.init(.selector)) }
        let isKeptAway = node.node.taints.contains { taint in
            taint.isStrict && taint.key != resource && !tolerations.contains { $0.tolerates(taint) }
        }
        if isKeptAway { return .failure(.init(.taint)) }
        if !products.isEmpty, !(accelerator.productLabel.map(products.contains) ?? false) {
            return .failure(.init(.product))
        }
        if let minimumUnitMemoryMiB, (accelerator.unitMemoryMiB ?? 0) < minimumUnitMemoryMiB {
            return .failure(.init(.unitMemory))
        }
        if unitsPerWorker > 1, !accelerator.canCombine { return .failure(.init(.cannotCombine)) }
        if accelerator.count < unitsPerWorker { return .failure(.init(.tooFewUnits)) }
        let free = node.free
        let count = free.multiples(of: perWorker, limit: Int64(Int32.max))
        if count > 0 { return .success(Int(count)) }
        if free[resource] < unitsPerWorker { return .failure(.init(.unitsInUse)) }
        return .failure(.init(free.milliCPU < otherRequests.milliCPU ? .cpu : .memory))
    }

    /// A node's refusal.
    struct Refusal: Error {
        let reason: NodeRejection

        init(_ reason: NodeRejection) { self.reason = reason }
    }
}
