/// Equal nodes taken together, as clouds and autoscalers group them.
public struct NodePool: Sendable, Hashable {
    /// The pool's name; `default` for nodes whose labels name none.
    public let name: String
    /// Its nodes that have accelerators.
    public internal(set) var nodeCount = 0
    /// Devices on them.
    public internal(set) var units: Int64 = 0
    /// Devices left, on nodes that take pods.
    public internal(set) var freeUnits: Int64 = 0
    /// The product on most of its nodes, by the driver's label or else by the cloud's labels; nil when none says.
    public internal(set) var product: String?
    /// The machine type; nil when no label says.
    public internal(set) var instanceType: String?
    /// The region; nil when no label says.
    public internal(set) var region: String?

    init(name: String) { self.name = name }
}

extension GPUInventory {
    /// The pools of nodes with accelerators, by name.
    public var pools: [NodePool] {
        var pools: [String: NodePool] = [:]
        var products: [String: [String: Int]] = [:]
        for node in nodes where node.total > 0 {
            let name = node.node.pool ?? "default"
            var pool = pools[name] ?? NodePool(name: name)
            pool.nodeCount += 1
            pool.units += node.total
            if node.node.takesPods { pool.freeUnits += node.freeDevices }
            pool.instanceType = Self.first(pool.instanceType, node.node.instanceType)
            pool.region = Self.first(pool.region, node.node.region)
            for accelerator in node.devices {
                // The driver's own word goes before the cloud's.
                let isNVIDIA = accelerator.resource.vendor == .nvidia
                if let product = accelerator.productLabel ?? (isNVIDIA ? node.node.cloudGPUModel : nil) {
                    products[name, default: [:]][product, default: 0] += 1
                }
            }
            pools[name] = pool
        }
        return pools.values.sorted { $0.name < $1.name }.map { pool in
            var pool = pool
            // The most frequent one; of equally frequent ones the first by name, so that answers do not change by themselves.
            pool.product = products[pool.name]?.min { ($1.value, $0.key) < ($0.value, $1.key) }?.key
            return pool
        }
    }

    /// The same one of two values whatever their order.
    private static func first(_ one: String?, _ other: String?) -> String? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }
}
