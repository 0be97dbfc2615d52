/// Where replicas can go now.
public struct Placement: Sendable, Hashable {
    /// For each replica that has a place, the node of each of its workers.
    public let replicas: [[String]]
    /// Whether all replicas have a place.
    public let isComplete: Bool
    /// How many nodes take no worker, by the first reason against them.
    public let rejections: [NodeRejection: Int]

    /// Places as many replicas as can be placed, with as little left over on the nodes that are used as possible.
    ///
    /// The number is the largest there is. Replicas of one worker are independent, so each node takes as many as go into what it
    /// has free. With `w` workers on different nodes, `k` replicas can be placed on nodes that take `c` workers each exactly when
    /// the sum of `min(c, k)` is at least `k·w`; taking the nodes with the most room left for each replica keeps that true.
    /// Workers of one replica get accelerators of one product.
    public init(_ request: PlacementRequest, on inventory: GPUInventory) {
        var rejections: [NodeRejection: Int] = [:]
        var groups: [String: [Room]] = [:]
        for node in inventory.nodes {
            switch request.capacity(of: node) {
            case .failure(let refusal): rejections[refusal.reason, default: 0] += 1
            case .success(let count):
                let accelerator = node.accelerators.first { $0.resource.name == request.resource }
                let room = Room(
                    name: node.node.name,
                    count: count,
                    freeUnits: node.free[request.resource],
                    isLinked: (accelerator?.product?.nvlinkGBPerSecond ?? 0) > 0
                )
                groups[request.workers > 1 ? accelerator?.productLabel ?? "" : "", default: []].append(room)
            }
        }
        self.rejections = rejections
        var placed: [[String]] = []
        for (_, rooms) in groups.sorted(by: { $0.key < $1.key }) where placed.count < request.replicas {
            let wanted = request.replicas - placed.count
            placed +=
                request.workers > 1
                ? Self.spread(request, wanted, over: rooms) : Self.pack(request, wanted, into: rooms)
        }
        replicas = placed
        isComplete = placed.count >= request.replicas
    }

    /// What a node has for a request.
    private struct Room {
        let name: String
        var count: Int
        var freeUnits: Int64
        let isLinked: Bool
    }

    /// Replicas of one worker, each where the least is left over; where several units work together, on linked ones first.
    private static func pack(_ request: PlacementRequest, _ wanted: Int, into rooms: [Room]) -> [[String]] {
        let prefersLinks = request.unitsPerWorker > 1
        let sorted = rooms.sorted { left, right in
            if prefersLinks, left.isLinked != right.isLinked { return left.isLinked }
            if left.freeUnits != right.freeUnits { return left.freeUnits < right.freeUnits }
            return left.name < right.name
        }
        var placed: [[String]] = []
        // A node that was begun has the least left over for the next, so that it is filled before another is begun.
        for room in sorted {
            guard placed.count < wanted else { break }
            placed += Array(repeating: [room.name], count: min(room.count, wanted - placed.count))
        }
        return placed
    }

    private static func spread(_ request: PlacementRequest, _ wanted: Int, over rooms: [Room]) -> [[String]] {
        let count = largest(wanted, request.workers, rooms.map(\.count))
        var rest = rooms.sorted { ($1.count, $0.freeUnits, $0.name) < ($0.count, $1.freeUnits, $1.name) }
        var placed: [[String]] = []
        for _ in 0..<count {
            let chosen = rest.prefix(request.workers).map(\.name)
            guard chosen.count == request.workers else { break }
            placed.append(chosen.sorted())
            for index in 0..<request.workers {
                rest[index].count -= 1
                rest[index].freeUnits -= request.unitsPerWorker
            }
            rest.removeAll { $0.count == 0 }
            rest.sort { ($1.count, $0.freeUnits, $0.name) < ($0.count, $1.freeUnits, $1.name) }
        }
        return placed
    }

    /// The most replicas, up to those wanted, for which the sum of `min(c, k)` is at least `k·w`.
    private static func largest(_ wanted: Int, _ workers: Int, _ counts: [Int]) -> Int {
        var low = 0
        var high = max(0, min(wanted, counts.reduce(0, +) / max(1, workers)))
        while low < high {
            let middle = low + (high - low + 1) / 2
            if counts.reduce(0, { $0 + min($1, middle) }) >= middle * workers {
                low = middle
            } else {
                high = middle - 1
            }
        }
        return low
    }
}
