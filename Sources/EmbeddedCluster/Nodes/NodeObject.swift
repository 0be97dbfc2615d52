import JSON
import KubernetesModel

/// Makes node objects as kubelets write them.
enum NodeObject {
    /// What a node says of its kubelet.
    static let kubeletVersion = "v1.36.0"

    /// A simulated node, as it registers.
    static func simulated(
        _ name: String,
        _ specification: NodeSpecification,
        _ addresses: NodeAddresses
    ) -> KubernetesObject {
        var node = KubernetesObject(["apiVersion": "v1", "kind": "Node"])
        node.name = name
        node.setAnnotation("node.alpha.kubernetes.io/ttl", "0")
        node.setAnnotation("volumes.kubernetes.io/controller-managed-attach-detach", "true")
        node.spec = [
            "podCIDR": .string(addresses.podCIDR), "podCIDRs": [.string(addresses.podCIDR)],
            "providerID": .string("ingot://simulated/\(name)"),
        ]
        ConfiguredTraits(name, specification).replace(in: &node)
        return node
    }

    /// The labels that kubelet and feature discovery set, sorted by key.
    static func labels(_ name: String, _ specification: NodeSpecification) -> [(key: String, value: String)] {
        var labels = [
            "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
            "beta.kubernetes.io/os": "linux", "beta.kubernetes.io/arch": "amd64",
            "node.kubernetes.io/instance-type": "simulated",
            "topology.kubernetes.io/region": "simulated", "topology.kubernetes.io/zone": "simulated-a",
            NodeLabels.simulated: "true",
        ]
        if let gpus = specification.gpus, gpus.count > 0 {
            let gpuLabels = GPULabels(product: gpus.product, count: gpus.count, machine: "simulated")
            labels.merge(gpuLabels.labels) { $1 }
        }
        labels.merge(specification.labels) { $1 }
        return labels.sorted { $0.key < $1.key }
    }

    /// What a simulated node has: `capacity`, and `allocatable` less the kubelet's default reserves of 100 MiB of memory and a
    /// tenth of the disk (kubelet: hard eviction thresholds).
    static func resources(_ specification: NodeSpecification) -> (capacity: JSONValue, allocatable: JSONValue)
    {
        let memory = specification.memoryGiB << 20
        let storage = specification.storageGiB << 20
        var capacity: JSONValue = [
            "cpu": .string(String(specification.cpus)), "ephemeral-storage": .string("\(storage)Ki"),
            "hugepages-1Gi": "0", "hugepages-2Mi": "0", "memory": .string("\(memory)Ki"), "pods": "110",
        ]
        if let gpus = specification.gpus, gpus.count > 0 {
            capacity["nvidia.com/gpu"] = .string(String(gpus.count))
        }
        var allocatable = capacity
        allocatable["memory"] = .string("\(memory - 100 << 10)Ki")
        allocatable["ephemeral-storage"] = .string(String(storage * 1024 / 10 * 9))
        return (capacity, allocatable)
    }

    /// `status.nodeInfo`. The IDs follow from the name, so that they stay the same.
    static func info(_ name: String, kernel: String, system: String, runtime: String) -> JSONValue {
        let machine = NameDigest.hexadecimal(name, "machine") + NameDigest.hexadecimal(name, "system")
        return [
            "machineID": .string(machine), "systemUUID": .string(NameDigest.uuid(name, "system")),
            "bootID": .string(NameDigest.uuid(name, "boot")), "kernelVersion": .string(kernel),
            "osImage": .string(system), "containerRuntimeVersion": .string(runtime),
            "kubeletVersion": .string(kubeletVersion), "kubeProxyVersion": .string(""),
            "operatingSystem": "linux", "architecture": "amd64",
        ]
    }
}

/// Digests that stand in for random identifiers where they must stay the same (FNV-1a, 64 bits).
enum NameDigest {
    static func value(_ parts: String...) -> UInt64 { value(of: parts) }

    private static func value(of parts: [String]) -> UInt64 {
        var digest: UInt64 = 0xCBF2_9CE4_8422_2325
        for part in parts {
            for byte in part.utf8 { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01B3 }
            digest = (digest ^ 0xFF) &* 0x100_0000_01B3
        }
        return digest
    }

    /// 16 digits.
    static func hexadecimal(_ parts: String...) -> String { UUIDText.hexadecimal(value(of: parts)) }

    /// 64 digits, as image digests and container IDs have.
    static func long(_ parts: String...) -> String {
        (0..<4).map { UUIDText.hexadecimal(value(of: parts + [String($0)])) }.joined()
    }

    static func uuid(_ parts: String...) -> String {
        UUIDText.text(value(of: parts + ["high"]), value(of: parts + ["low"]))
    }
}
