import JSON

/// The nodes of a large cluster: 8 GPUs each, of four products.
enum GPUNodes {
    /// The labels by which a node tells of its GPUs.
    static func labels(_ number: Int) -> JSONMembers {
        let (product, mebibytes) = products[number % products.count]
        var labels = JSONMembers()
        for (key, value) in [
            ("kubernetes.io/os", "linux"), ("node.kubernetes.io/instance-type", "gpu.8xlarge"),
            ("topology.kubernetes.io/region", "region-1"), ("agentpool", "gpu\(number % products.count)"),
            ("nvidia.com/gpu.product", product), ("nvidia.com/gpu.memory", mebibytes),
            ("nvidia.com/gpu.count", "8"), ("nvidia.com/gpu.present", "true"),
        ] {
            labels[key] = .string(value)
        }
        return labels
    }

    private static let products = [
        ("NVIDIA-H100-80GB-HBM3", "81559"), ("NVIDIA-H200", "143771"), ("NVIDIA-A100-SXM4-80GB", "81920"),
        ("NVIDIA-L40S", "46068"),
    ]
}
