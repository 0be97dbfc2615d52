/// What the inventory needs to know of a node.
public struct NodeFacts: Sendable, Hashable {
    /// A mark that keeps away pods that do not tolerate it.
    public struct Taint: Sendable, Hashable {
        /// The key.
        public var key: String
        /// The value; empty for none.
        public var value: String
        /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
        public var effect: String

        /// A taint.
        public init(key: String, value: String = "", effect: String = "NoSchedule") {
            self.key = key
            self.value = value
            self.effect = effect
        }

        /// Whether pods are kept away, not just sent elsewhere where that is possible.
        public var isStrict: Bool { effect == "NoSchedule" || effect == "NoExecute" }
    }

    /// The name.
    public var name: String
    /// The labels.
    public var labels: [String: String]
    /// What pods may request.
    public var allocatable: ResourceAmounts
    /// Whether its kubelet says that it can run pods, and has said so lately.
    public var isReady: Bool
    /// Whether it is cordoned.
    public var isCordoned: Bool
    /// Its taints.
    public var taints: [Taint]

    /// A node.
    public init(
        name: String,
        labels: [String: String] = [:],
        allocatable: ResourceAmounts,
        isReady: Bool = true,
        isCordoned: Bool = false,
        taints: [Taint] = []
    ) {
        self.name = name
        self.labels = labels
        self.allocatable = allocatable
        self.isReady = isReady
        self.isCordoned = isCordoned
        self.taints = taints
    }

    /// Whether it takes pods that tolerate its taints.
    public var takesPods: Bool { isReady && !isCordoned }

    /// The group of equal machines that the node belongs to, as clouds and autoscalers label it; nil when no label says.
    public var pool: String? {
        for label in Self.poolLabels {
            if let pool = labels[label], !pool.isEmpty { return pool }
        }
        return nil
    }

    /// The machine type, such as `Standard_ND96asr_v4`; nil when no label says.
    public var instanceType: String? {
        label("node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type")
    }

    /// The region; nil when no label says.
    public var region: String? {
        label("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region")
    }

    private func label(_ names: String...) -> String? {
        names.lazy.compactMap { self.labels[$0] }.first { !$0.isEmpty }
    }

    /// AKS, GKE, EKS managed groups, eksctl, Karpenter, in the order in which they are looked for.
    private static let poolLabels = [
        "agentpool", "kubernetes.azure.com/agentpool", "cloud.google.com/gke-nodepool",
        "eks.amazonaws.com/nodegroup", "alpha.eksctl.io/nodegroup-name", "karpenter.sh/nodepool",
        "karpenter.sh/provisioner-name",
    ]
}
