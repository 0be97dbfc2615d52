/// The fewest pods to move so that a number of units is free on one node. Advice only: nothing is moved.
public struct Consolidation: Sendable, Hashable {
    /// A pod that would have to run elsewhere.
    public struct Move: Sendable, Hashable {
        /// Its namespace and name.
        public let pod: String
        /// The units that it has.
        public let units: Int64
        /// Where it would go.
        public let destination: String
    }

    /// The node that would have the units free.
    public let node: String
    /// What to move; nothing when as many are free already.
    public let moves: [Move]

    /// Finds the fewest moves that free that many units of a resource on one node; of equally many those of the fewest units.
    ///
    /// Only pods that something makes again are moved, and only to nodes that have the units, CPU and memory free now. Nil when
    /// there is no such set of moves, whatever the node.
    ///
    /// - Parameter mostMoves: how many moves are looked for at most, 1 to 16.
    public static func freeing(
        _ units: Int64,
        of resource: String = "nvidia.com/gpu",
        in inventory: GPUInventory,
        mostMoves: Int = 8
    ) -> Consolidation? {
        let candidates = inventory.nodes.lazy
            .filter { node in
                node.node.takesPods
                    && node.accelerators.contains { $0.resource.name == resource && $0.count >= units }
            }
            .sorted { $0.node.name < $1.node.name }
        if let free = candidates.first(where: { $0.free[resource] >= units }) {
            return Consolidation(node: free.node.name, moves: [])
        }
        var podsByNode: [String: [PodFacts]] = [:]
        for pod in inventory.pods where pod.isMovable && pod.requests[resource] > 0 {
            if let node = pod.node { podsByNode[node, default: []].append(pod) }
        }
        let bins = Bins(inventory, resource)
        var best: Consolidation?
        var bestUnits = Int64.max
        for candidate in candidates {
            let name = candidate.node.name
            let missing = units - candidate.free[resource]
            let pods = (podsByNode[name] ?? []).sorted {
                ($1.requests[resource], $0.key) < ($0.requests[resource], $1.key)
            }
            let most = min(mostMoves, best?.moves.count ?? mostMoves)
            for count in 1...max(1, most) where count <= pods.count {
                var found = false
                Subsets(of: Array(pods.prefix(16)), count).forEach { chosen in
                    let moved = chosen.reduce(0) { $0 + $1.requests[resource] }
                    guard moved >= missing, count < best?.moves.count ?? .max || moved < bestUnits,
                        let moves = bins.places(for: chosen, besides: name)
                    else { return }
                    best = Consolidation(node: name, moves: moves)
                    bestUnits = moved
                    found = true
                }
                if found { break }
            }
        }
        return best
    }
}

/// What other nodes have free for pods that move.
private struct Bins {
    private let resource: String
    private let nodes: [NodeInventory]

    init(_ inventory: GPUInventory, _ resource: String) {
        self.resource = resource
        // The fullest first: what is large and free should stay so.
        nodes = inventory.nodes.lazy
            .filter { $0.node.takesPods && $0.free[resource] > 0 }
            .sorted { ($0.free[resource], $0.node.name) < ($1.free[resource], $1.node.name) }
    }

    /// A place for each of the pods; nil when there is none for all of them together. Tries all ways, the fullest nodes first.
    func places(for pods: [PodFacts], besides name: String) -> [Consolidation.Move]? {
        var free: [String: ResourceAmounts] = [:]
        var moves: [Consolidation.Move] = []
        func place(_ index: Int) -> Bool {
            guard index < pods.count else { return true }
            let pod = pods[index]
            // Nodes with the same room are the same: when one does not lead to a solution, neither do the others.
            var tried: Set<ResourceAmounts> = []
            for node in nodes where node.node.name != name {
                let room = free[node.node.name] ?? node.free
                guard room.covers(pod.requests), tried.insert(room).inserted else { continue }
                free[node.node.name] = room - pod.requests
                moves.append(.init(pod: pod.key, units: pod.requests[resource], destination: node.node.name))
                if place(index + 1) { return true }
                moves.removeLast()
                free[node.node.name] = room
            }
            return false
        }
        return place(0) ? moves : nil
    }
}

/// The ways to choose a number of elements.
private struct Subsets<Element> {
    private let elements: [Element]
    private let count: Int

    init(of elements: [Element], _ count: Int) {
        self.elements = elements
        self.count = count
    }

    func forEach(_ body: ([Element]) -> Void) {
        var chosen: [Element] = []
        func choose(from start: Int) {
            if chosen.count == count { return body(chosen) }
            guard elements.count - start >= count - chosen.count else { return }
            for index in start..<elements.count {
                chosen.append(elements[index])
                choose(from: index + 1)
                chosen.removeLast()
            }
        }
        choose(from: 0)
    }
}
