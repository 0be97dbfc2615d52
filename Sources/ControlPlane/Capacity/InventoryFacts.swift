import Capacity
import Kubernetes
import KubernetesModel

extension ResourceAmounts {
    /// CPU, memory and accelerators of a list of resources; others do not decide where models can run.
    init(_ quantities: [String: Quantity]) {
        var devices: [String: Int64] = [:]
        for (name, quantity) in quantities where AcceleratorResource(name) != nil {
            devices[name] = quantity.units
        }
        self.init(
            milliCPU: quantities["cpu"]?.milli ?? 0,
            memoryBytes: quantities["memory"]?.units ?? 0,
            devices: devices
        )
    }
}

extension NodeFacts {
    /// What counts of a node.
    init(_ node: NodeProjection) {
        self.init(
            name: node.metadata.name,
            labels: node.metadata.labels,
            allocatable: ResourceAmounts(node.allocatable),
            isReady: node.isReady,
            isCordoned: node.isUnschedulable,
            taints: node.taints.map { Taint(key: $0.key, value: $0.value, effect: $0.effect) }
        )
    }
}

extension PodFacts {
    /// What counts of a pod.
    init(_ pod: PodProjection) {
        var requests = PodRequests()
        for container in pod.containers {
            let role: PodRequests.Role =
                switch container.role {
                case .main: .main
                case .initial: .initial
                case .sidecar: .sidecar
                }
            requests.add(ResourceAmounts(container.requests), role)
        }
        self.init(
            namespace: pod.metadata.namespace,
            name: pod.metadata.name,
            node: pod.nodeName.isEmpty ? nil : pod.nodeName,
            isOver: pod.isOver,
            requests: requests.total(overhead: ResourceAmounts(pod.overhead)),
            isMovable: pod.metadata.controller.map { $0.kind != "DaemonSet" && $0.kind != "Node" } ?? false
        )
    }
}
