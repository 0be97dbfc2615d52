/// What the inventory needs to know of a pod.
public struct PodFacts: Sendable, Hashable {
    /// The namespace.
    public var namespace: String
    /// The name in it.
    public var name: String
    /// The node that it is bound to; nil for none.
    public var node: String?
    /// Whether its containers have ended for good, so that nothing is set aside for it any more.
    public var isOver: Bool
    /// What the scheduler sets aside for it.
    public var requests: ResourceAmounts
    /// Whether something would make it again elsewhere if it was deleted: a controller that is not a daemon set.
    public var isMovable: Bool

    /// A pod.
    public init(
        namespace: String,
        name: String,
        node: String? = nil,
        isOver: Bool = false,
        requests: ResourceAmounts,
        isMovable: Bool = true
    ) {
        self.namespace = namespace
        self.name = name
        self.node = node
        self.isOver = isOver
        self.requests = requests
        self.isMovable = isMovable
    }

    /// Namespace and name.
    public var key: String { "\(namespace)/\(name)" }
}
