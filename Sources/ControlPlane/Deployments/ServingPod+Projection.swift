import JSON
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
        maker = pod.metadata.controller?.name ?? ""
        created = pod.metadata.created
        ended = pod.isOver ? pod.conditions.lazy.compactMap(\.since).max() : nil
        wasReady = Self.wasReady(pod)
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

    /// How long after it has taken a pod up a kubelet writes that it is not ready yet.
    private static let firstReport = 5.0

    /// A pod is not ready from when a kubelet takes it up; one that is not ready since a later time was ready before.
    private static func wasReady(_ pod: PodProjection) -> Bool {
        guard let started = pod.started, let ready = pod.conditions.first(where: { $0.type == "Ready" }),
            !ready.isTrue, let since = ready.since
        else { return false }
        return since.seconds(since: started) > firstReport
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
