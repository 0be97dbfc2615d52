/// The NVIDIA GPU of a cloud's machine type, for nodes that no feature discovery has labelled.
///
/// The names are those that clients of the KubeFoundry API know (`A100-80GB`). They tell what to call a pool's GPUs; its memory is not
/// taken from them.
enum CloudGPUModel {
    /// The GPU of a machine type; nil when the type is none of a family with such GPUs.
    static func ofInstance(type: String) -> String? {
        let type = type.lowercased()
        return azure(type) ?? prefixes.first { type.hasPrefix($0.prefix) }?.model
    }

    /// Families of EC2 and of Google Cloud, a longer prefix before those that it begins with.
    private static let prefixes: [(prefix: String, model: String)] = [
        ("p5e", "H200"), ("p5", "H100"), ("p4de", "A100-80GB"), ("p4d", "A100-40GB"), ("p3", "V100"),
        ("g6e.", "L40S"), ("g6.", "L4"), ("g5.", "A10G"), ("g4dn", "T4"),
        ("a3-ultra", "H200"), ("a3-", "H100"), ("a2-ultra", "A100-80GB"), ("a2-", "A100-40GB"), ("g2-", "L4"),
    ]

    /// Sizes of Azure have the GPU in their names, but for those of the third generation, which have V100s.
    private static func azure(_ type: String) -> String? {
        guard type.hasPrefix("standard_n") else { return nil }
        let parts = type.split(separator: "_")
        if parts.contains("a100") { return "A100-80GB" }
        if parts.contains("a10") { return "A10" }
        if parts.contains("h100") { return "H100" }
        if parts.contains("h200") { return "H200" }
        if parts.contains("t4") { return "T4" }
        return type.hasPrefix("standard_nc") && parts.last == "v3" ? "V100" : nil
    }
}

extension NodeFacts {
    /// What the cloud says of the node's NVIDIA GPUs: GKE's label, what the machine type has, the plain label `accelerator`, in this
    /// order; nil when nothing does.
    var cloudGPUModel: String? {
        let labelled = { (name: String) in labels[name].flatMap { $0.isEmpty ? nil : $0 } }
        return labelled("cloud.google.com/gke-accelerator")
            ?? instanceType.flatMap { CloudGPUModel.ofInstance(type: $0) } ?? labelled("accelerator")
    }
}
