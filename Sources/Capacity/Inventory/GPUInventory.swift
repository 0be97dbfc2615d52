internal import HashTreeCollections

/// What accelerators a cluster has, and what pods have been given of them; kept up to date change by change.
///
/// A copy costs nothing and does not change with the original, so that readers can be given one at any time.
public struct GPUInventory: Sendable {
    private var nodesByName: TreeDictionary<String, NodeInventory> = [:]
    private var podsByKey: TreeDictionary<String, PodFacts> = [:]
    /// Those of them that no node has been found for.
    private var pendingByKey: TreeDictionary<String, PodFacts> = [:]
    /// What has been given on nodes that are not known, or not known yet.
    private var elsewhere: [String: ResourceAmounts] = [:]
    /// The sums over all nodes.
    public private(set) var totals = Totals()
    /// Counts the changes, so that what was made from an inventory can be told from newer ones.
    public private(set) var revision: UInt64 = 0

    /// Sums over nodes, in whole devices.
    public struct Totals: Sendable, Hashable {
        /// Nodes that have any.
        public internal(set) var nodes = 0
        /// Devices that pods may request.
        public internal(set) var units: Int64 = 0
        /// Devices that pods have been given.
        public internal(set) var allocated: Int64 = 0
        /// Devices left on nodes that take no pods, because they are cordoned or not ready.
        public internal(set) var unreachable: Int64 = 0
        /// Devices left on nodes that take pods.
        public var free: Int64 { units - allocated - unreachable }

        mutating func add(_ node: NodeInventory) {
            guard node.total > 0 else { return }
            nodes += 1
            units += node.total
            allocated += node.allocatedDevices
            if !node.node.takesPods { unreachable += node.freeDevices }
        }

        mutating func remove(_ node: NodeInventory) {
            guard node.total > 0 else { return }
            nodes -= 1
            units -= node.total
            allocated -= node.allocatedDevices
            if !node.node.takesPods { unreachable -= node.freeDevices }
        }
    }

    /// The nodes, in no order.
    public var nodes: some Sequence<NodeInventory> { nodesByName.values }
    /// The pods that ask for accelerators and have not ended, in no order.
    public var pods: some Sequence<PodFacts> { podsByKey.values }

    /// The node of that name; nil when there is none.
    public subscript(node name: String) -> NodeInventory? { nodesByName[name] }

    /// An inventory of nothing.
    public init() {}

    /// Takes up a node, new or changed.
    public mutating func update(_ node: NodeFacts) {
        let present = nodesByName[node.name]
        if let present, present.node == node { return }
        let allocated = present?.allocated ?? elsewhere.removeValue(forKey: node.name) ?? .zero
        replace(
            present,
            with: NodeInventory(node, allocated: allocated, revision: revision + 1),
            name: node.name
        )
    }

    /// Forgets a node. What its pods were given is remembered until they are gone too.
    public mutating func remove(node name: String) {
        guard let present = nodesByName[name] else { return }
        if present.allocated != .zero { elsewhere[name] = present.allocated }
        replace(present, with: nil, name: name)
    }

    /// Takes up a change of a pod: from what it was, nil when it is new, to what it is, nil when it is gone.
    ///
    /// - Parameter old: exactly what was given as `new` the last time.
    public mutating func replace(pod old: PodFacts?, with new: PodFacts?) {
        if old == new { return }
        if let key = (new ?? old)?.key {
            let isKept = new.map { !$0.isOver && Self.asksForAccelerators($0) } ?? false
            if let new, isKept, new.node == nil {
                pendingByKey[key] = new
            } else if old?.node == nil {
                pendingByKey[key] = nil
            }
            if isKept {
                podsByKey[key] = new
                revision += 1
            } else if podsByKey.removeValue(forKey: key) != nil {
                revision += 1
            }
        }
        let given = (Self.given(old), Self.given(new))
        if given.0?.node == given.1?.node, given.0?.amounts == given.1?.amounts { return }
        if let (node, amounts) = given.0 { change(node) { $0 - amounts } }
        if let (node, amounts) = given.1 { change(node) { $0 + amounts } }
    }

    /// The pods with accelerators that no node has been found for yet, by namespace and name.
    public var pending: [PodFacts] {
        pendingByKey.values.sorted {
            ($0.namespace, $0.name) < ($1.namespace, $1.name)
        }
    }

    private static func asksForAccelerators(_ pod: PodFacts) -> Bool {
        pod.requests.devices.keys.contains { AcceleratorResource($0) != nil }
    }

    private static func given(_ pod: PodFacts?) -> (node: String, amounts: ResourceAmounts)? {
        guard let pod, !pod.isOver, let node = pod.node else { return nil }
        return (node, pod.requests)
    }

    private mutating func change(_ name: String, _ change: (ResourceAmounts) -> ResourceAmounts) {
        guard let present = nodesByName[name] else {
            let amounts = change(elsewhere[name] ?? .zero)
            elsewhere[name] = amounts == .zero ? nil : amounts
            return
        }
        let next = present.with(allocated: change(present.allocated), revision: revision + 1)
        replace(present, with: next, name: name)
    }

    private mutating func replace(_ old: NodeInventory?, with new: NodeInventory?, name: String) {
        if let old { totals.remove(old) }
        revision += 1
        if let new { totals.add(new) }
        nodesByName[name] = new
    }
}
