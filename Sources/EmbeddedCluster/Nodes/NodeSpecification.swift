public import Capacity
import KubernetesModel

/// What simulated nodes of one kind are to be like.
public struct NodeSpecification: Sendable, Hashable {
    /// The GPUs of one node.
    public struct GPUs: Sendable, Hashable {
        /// What they are.
        public var product: GPUDescription
        /// How many each node has.
        public var count: Int64

        /// GPUs of one kind.
        public init(product: GPUDescription, count: Int64) {
            self.product = product
            self.count = max(0, count)
        }
    }

    /// A taint: pods stay away that do not tolerate it.
    public struct Taint: Sendable, Hashable {
        /// The key, such as `nvidia.com/gpu`.
        public var key: String
        /// The value, often empty.
        public var value: String
        /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
        public var effect: String

        /// A taint.
        public init(key: String, value: String = "", effect: String = "NoSchedule") {
            self.key = key
            self.value = value
            self.effect = effect
        }
    }

    /// The name; nodes of a specification with `count` above 1 are called `name-1`, `name-2`, …
    public var name: String
    /// How many such nodes there are.
    public var count: Int
    /// Their GPUs; nil for none.
    public var gpus: GPUs?
    /// CPU cores of each.
    public var cpus: Int64
    /// Memory of each, GiB.
    public var memoryGiB: Int64
    /// Disk space of each for images, logs and pods, GiB.
    public var storageGiB: Int64
    /// Labels beyond those that every node has. They take precedence.
    public var labels: [String: String]
    /// Taints.
    public var taints: [Taint]

    /// Nodes of a kind.
    public init(
        name: String,
        count: Int = 1,
        gpus: GPUs? = nil,
        cpus: Int64,
        memoryGiB: Int64,
        storageGiB: Int64 = 500,
        labels: [String: String] = [:],
        taints: [Taint] = []
    ) {
        self.name = name
        self.count = max(0, count)
        self.gpus = gpus
        self.cpus = max(1, cpus)
        self.memoryGiB = max(1, memoryGiB)
        self.storageGiB = max(1, storageGiB)
        self.labels = labels
        self.taints = taints
    }

    /// The names of the nodes.
    public var nodeNames: [String] {
        count == 1 ? [name] : (0..<count).map { "\(name)-\($0 + 1)" }
    }

    /// The nodes of a cluster that nobody configured: two with eight A100 of 80 GB, one with four L4, one without GPUs.
    public static let defaultSet: [NodeSpecification] = [
        NodeSpecification(
            name: "gpu-a100",
            count: 2,
            gpus: GPUs(product: a100, count: 8),
            cpus: 96,
            memoryGiB: 1152,
            storageGiB: 7000
        ),
        NodeSpecification(
            name: "gpu-l4",
            gpus: GPUs(product: l4, count: 4),
            cpus: 48,
            memoryGiB: 192,
            storageGiB: 1000
        ),
        NodeSpecification(name: "cpu", cpus: 16, memoryGiB: 64, storageGiB: 200),
    ]

    private static let a100 = GPUDescription(label: "NVIDIA-A100-SXM4-80GB")
    private static let l4 = GPUDescription(label: "NVIDIA-L4")
}
