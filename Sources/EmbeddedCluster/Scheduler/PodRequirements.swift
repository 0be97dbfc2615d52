import JSON
import KubernetesModel

/// What scheduling needs to know of a pod, read once from its object.
struct PodRequirements: Sendable {
    /// A port of the node that a container takes.
    struct HostPort: Sendable, Hashable {
        let address: String
        let transport: String
        let port: Int64

        /// Whether both cannot be on one node: 0.0.0.0 takes the port of every address.
        func conflicts(with other: HostPort) -> Bool {
            port == other.port && transport == other.transport
                && (address == other.address || address == "0.0.0.0" || other.address == "0.0.0.0")
        }
    }

    let key: ObjectKey
    let uid: String
    let resourceVersion: String
    let labels: [String: String]
    let nodeName: String
    let priority: Int64
    let created: String
    let isBeingDeleted: Bool
    let requests: ResourceList
    let hostPorts: [HostPort]
    let tolerations: [Toleration]
    let nodeAffinity: NodeAffinity
    let affinity: [PodAffinityTerm]
    let preferredAffinity: [PodAffinityTerm]
    let antiAffinity: [PodAffinityTerm]
    let preferredAntiAffinity: [PodAffinityTerm]
    let spread: [TopologySpread]
    let claims: [String]
    let gates: [String]
    let mayPreempt: Bool

    init(_ pod: KubernetesObject) {
        let spec = pod.spec
        key = ObjectKey(pod)
        uid = pod.uid
        resourceVersion = pod.resourceVersion
        labels = pod.labels
        nodeName = spec["nodeName"]?.stringValue ?? ""
        priority = spec["priority"]?.integerValue ?? 0
        created = pod.json["metadata"]?["creationTimestamp"]?.stringValue ?? ""
        isBeingDeleted = pod.isBeingDeleted
        requests = ResourceList(podSpecification: spec)
        hostPorts = Self.hostPorts(spec)
        tolerations = (spec["tolerations"]?.arrayValue ?? []).compactMap(Toleration.init(json:))
        nodeAffinity = NodeAffinity(podSpecification: spec)
        (affinity, preferredAffinity) = PodAffinityTerm.terms(of: pod, "podAffinity")
        (antiAffinity, preferredAntiAffinity) = PodAffinityTerm.terms(of: pod, "podAntiAffinity")
        spread = (spec["topologySpreadConstraints"]?.arrayValue ?? []).compactMap {
            TopologySpread(json: $0, of: pod)
        }
        claims = (spec["volumes"]?.arrayValue ?? []).compactMap {
            if $0["ephemeral"] != nil { return $0["name"]?.stringValue.map { "\(pod.name)-\($0)" } }
            return $0["persistentVolumeClaim"]?["claimName"]?.stringValue
        }
        gates = (spec["schedulingGates"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        mayPreempt = spec["preemptionPolicy"]?.stringValue != "Never"
    }

    private static func hostPorts(_ spec: JSONValue) -> [HostPort] {
        let sidecars = (spec["initContainers"]?.arrayValue ?? []).filter {
            $0["restartPolicy"]?.stringValue == "Always"
        }
        return ((spec["containers"]?.arrayValue ?? []) + sidecars).flatMap { container in
            (container["ports"]?.arrayValue ?? []).compactMap { port in
                guard let number = port["hostPort"]?.integerValue, number > 0 else { return nil }
                let address = port["hostIP"]?.stringValue ?? ""
                return HostPort(
                    address: address.isEmpty ? "0.0.0.0" : address,
                    transport: port["protocol"]?.stringValue ?? "TCP",
                    port: number
                )
            }
        }
    }

    /// Whether a taint does not keep the pod away.
    func tolerates(_ taint: Taint) -> Bool { tolerations.contains { $0.tolerates(taint) } }
}
