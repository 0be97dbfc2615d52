/// What a node's labels say of its accelerators, in each vendor's own way.
struct AcceleratorLabels {
    var product: String?
    var memoryMiB: Int64?
    var sharing = NodeAccelerator.Sharing.exclusive
    var profile: MIGProfile?
    var isSingleSlice = false
    var deviceCount: Int64?

    /// NVIDIA GPU feature discovery: `nvidia.com/gpu.*`, and `nvidia.com/mig-<profile>.*` where slices have resources of their own.
    static func nvidia(
        _ resource: AcceleratorResource,
        count: Int64,
        _ labels: [String: String]
    ) -> AcceleratorLabels {
        var result = AcceleratorLabels()
        var prefix = "nvidia.com/gpu"
        if case .slice(let profile) = resource.unit {
            // The name of the resource without `nvidia.com/` is the labels' too.
            prefix = resource.name
            result.profile = profile
        }
        let label = GPUProductLabel(labels["\(prefix).product"] ?? labels["nvidia.com/gpu.product"] ?? "")
        if result.profile == nil, let profile = label.migProfile {
            result.profile = profile
            result.isSingleSlice = true
        }
        result.product = label.name.isEmpty ? nil : label.name
        result.memoryMiB = positive(labels["\(prefix).memory"])
        result.deviceCount = positive(labels["\(prefix).count"])
        let replicas = Int(clamping: positive(labels["\(prefix).replicas"]) ?? 1)
        switch labels["\(prefix).sharing-strategy"] {
        case "mps": if replicas > 1 { result.sharing = .multiProcess(replicas: replicas) }
        case "none": break
        default:
            // Older releases of the discovery tell only of replicas, which then take turns.
            let isShared = label.isShared || resource.unit == .share || resource.name.hasSuffix(".shared")
            if replicas > 1 {
                result.sharing = .timeSliced(replicas: replicas)
            } else if isShared {
                result.sharing = .timeSliced(replicas: sharedReplicas(count, result.deviceCount))
            }
        }
        return result
    }

    /// AMD's node labeller: `amd.com/gpu.*`, with the beta form before it.
    static func amd(_ labels: [String: String]) -> AcceleratorLabels {
        var result = AcceleratorLabels()
        let product = labels["amd.com/gpu.product-name"] ?? labels["beta.amd.com/gpu.product-name"]
        result.product = product.flatMap { $0.isEmpty ? nil : $0 }
        result.memoryMiB = gibibytes(labels["amd.com/gpu.vram"] ?? labels["beta.amd.com/gpu.vram"])
        return result
    }

    /// Intel's device plugins for GPUs, and Gaudi.
    static func intel(_ resource: AcceleratorResource, _ labels: [String: String]) -> AcceleratorLabels {
        var result = AcceleratorLabels()
        let label = resource.name == "habana.ai/gaudi" ? "habana.ai/gaudi.product" : "gpu.intel.com/product"
        result.product = labels[label].flatMap { $0.isEmpty ? nil : $0 }
        return result
    }

    /// GKE's label of TPU nodes.
    static func google(_ labels: [String: String]) -> AcceleratorLabels {
        AcceleratorLabels(product: labels["cloud.google.com/gke-tpu-accelerator"])
    }

    /// The label of Ascend nodes.
    static func huawei(_ labels: [String: String]) -> AcceleratorLabels {
        AcceleratorLabels(product: labels["accelerator-type"] ?? labels["node.kubernetes.io/npu.chip.name"])
    }

    /// How many pods share a device, when only the numbers of units and devices are told: 2 at least, since it is shared.
    private static func sharedReplicas(_ units: Int64, _ devices: Int64?) -> Int {
        guard let devices else { return 2 }
        return max(2, Int(clamping: units / devices))
    }

    private static func positive(_ text: String?) -> Int64? {
        guard let text, let number = Int64(text), number > 0 else { return nil }
        return number
    }

    /// A size such as `192G`, in MiB: the labeller means 2^30 bytes.
    private static func gibibytes(_ text: String?) -> Int64? {
        guard let text, let unit = text.last else { return nil }
        switch unit {
        case "G": return positive(String(text.dropLast())).flatMap { $0 < 1 << 40 ? $0 * 1024 : nil }
        case "M": return positive(String(text.dropLast()))
        default: return positive(text).map { $0 / (1 << 20) }
        }
    }
}
