import Kubernetes
import KubernetesModel
import Runtimes

extension ServingPod {
    /// What a pod tells of the deployment that it serves.
    init(_ pod: PodProjection) {
        self.init(name: pod.metadata.name, phase: pod.phase)
        isReady = pod.isReady
        isBeingDeleted = pod.metadata.deletion != nil
        node = pod.nodeName
        reason = pod.reason
        message = pod.message
        if reason.isEmpty,
            let waiting = pod.conditions.first(where: { $0.type == "PodScheduled" && !$0.isTrue })
        {
            reason = waiting.reason
            message = waiting.message
        }
        role = Self.role(pod.metadata.labels)
        let initial = Set(pod.containers.filter { $0.role != .main }.map(\.name))
        containers = pod.statuses.map { status in
            var container = Container(name: status.name)
            container.isInitial = initial.contains(status.name)
            container.isReady = status.isReady
            container.isRunning = status.isRunning
            container.restarts = Int(clamping: status.restartCount)
            container.waitingReason = status.waitingReason
            container.message = status.message
            container.terminatedReason = status.terminatedReason
            container.exitCode = status.exitCode.map { Int(clamping: $0) }
            container.lastTerminatedReason = status.lastTerminatedReason
            container.lastExitCode = status.lastExitCode.map { Int(clamping: $0) }
            return container
        }
        restarts = containers.reduce(0) { $0 + $1.restarts }
    }

    /// What the operators' labels say that a pod does.
    private static func role(_ labels: [String: String]) -> String {
        labels[OwnMarks.role] ?? labels["nvidia.com/dynamo-sub-component-type"]
            ?? labels["nvidia.com/dynamo-component-type"] ?? labels["ray.io/node-type"] ?? ""
    }
}

extension PodMark {
    /// By what a pod may be known as a deployment's.
    static func marks(of pod: PodProjection) -> [PodMark] {
        var marks = labelKeys.compactMap { key in
            pod.metadata.labels[key].map { PodMark.label(key, $0) }
        }
        // A ReplicaSet is named after its Deployment and the digest of its template, which its pods bear as a label.
        if let owner = pod.metadata.controller, owner.kind == "ReplicaSet",
            let digest = pod.metadata.labels["pod-template-hash"], owner.name.hasSuffix("-\(digest)")
        {
            marks.append(.deployment(String(owner.name.dropLast(digest.count + 1))))
        }
        return marks
    }
}
