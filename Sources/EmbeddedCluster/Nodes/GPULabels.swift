import Capacity
import KubernetesModel

/// The labels that GPU feature discovery sets on a node with NVIDIA GPUs (k8s-device-plugin, docs/gpu-feature-discovery), and the
/// one of node feature discovery by which it finds such nodes.
struct GPULabels {
    let product: GPUDescription
    let count: Int64
    /// The driver, such as `580.95.05`.
    var driver = "580.95.05"
    /// The newest CUDA version that the driver supports.
    var runtime = "13.0"
    /// The machine, as its firmware says.
    var machine: String

    var labels: [String: String] {
        let driver = driver.split(separator: ".").map(String.init)
        let runtime = runtime.split(separator: ".").map(String.init)
        var labels = [
            "feature.node.kubernetes.io/pci-10de.present": "true",
            "nvidia.com/gpu.present": "true",
            "nvidia.com/gpu.count": String(count),
            "nvidia.com/gpu.product": product.name,
            "nvidia.com/gpu.family": product.family,
            "nvidia.com/gpu.compute.major": String(product.computeMajor),
            "nvidia.com/gpu.compute.minor": String(product.computeMinor),
            "nvidia.com/gpu.machine": machine,
            "nvidia.com/gpu.mode": product.name.contains("GeForce") ? "graphics" : "compute",
            "nvidia.com/gpu.replicas": "1",
            "nvidia.com/gpu.sharing-strategy": "none",
            "nvidia.com/mig.capable": String(product.supportsMIG),
            "nvidia.com/mps.capable": "false",
            "nvidia.com/vgpu.present": "false",
            "nvidia.com/cuda.driver-version.full": self.driver,
            "nvidia.com/cuda.runtime-version.full": self.runtime,
        ]
        if product.supportsMIG { labels["nvidia.com/mig.strategy"] = "single" }
        if let memory = product.memoryMiB { labels["nvidia.com/gpu.memory"] = String(memory) }
        // The same again, in parts, under the names of today and of before.
        for (names, values) in [
            (
                ["cuda.driver-version.major", "cuda.driver-version.minor", "cuda.driver-version.revision"],
                driver
            ),
            (["cuda.driver.major", "cuda.driver.minor", "cuda.driver.rev"], driver),
            (["cuda.runtime-version.major", "cuda.runtime-version.minor"], runtime),
            (["cuda.runtime.major", "cuda.runtime.minor"], runtime),
        ] {
            for (name, value) in zip(names, values) { labels["nvidia.com/\(name)"] = value }
        }
        return labels
    }
}
