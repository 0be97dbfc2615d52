public import JSON

/// What of a pod tells how the deployment stands that it belongs to.
public struct ServingPod: Sendable, Hashable {
    /// The pod's name.
    public var name: String
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
    public var phase: String
    /// Whether it serves.
    public var isReady = false
    /// Whether it is being deleted.
    public var isBeingDeleted = false
    /// How often its containers were started again, all together.
    public var restarts = 0
    /// The node that it is bound to; empty for none.
    public var node = ""
    /// Why it is in its phase, in a word; empty for nothing.
    public var reason = ""
    /// Why it is in its phase, for people; empty for nothing.
    public var message = ""
    /// What it does, as its labels say: `head`, `worker`, `frontend`, `prefill`, `decode`; empty when they do not.
    public var role = ""
    /// What made it, such as a ReplicaSet's name; empty for nothing.
    public var maker = ""
    /// When it was made.
    public var created: Timestamp?
    /// When its containers ended for good; nil unless they have, or when that is not told.
    public var ended: Timestamp?
    /// Whether it was ready and is no more.
    public var wasReady = false
    /// Its containers, init containers first.
    public var containers: [Container] = []

    /// How a container stands.
    public struct Container: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// Whether it is one that runs before the others.
        public var isInitial = false
        /// Whether its readiness probe succeeds.
        public var isReady = false
        /// Whether it runs.
        public var isRunning = false
        /// How often it was started again.
        public var restarts = 0
        /// Why it waits, such as `ImagePullBackOff`; empty when it does not.
        public var waitingReason = ""
        /// More on why it waits or how it ended, for people.
        public var message = ""
        /// Why it ended, such as `OOMKilled`; empty when it has not.
        public var terminatedReason = ""
        /// How it ended; nil when it has not.
        public var exitCode: Int?
        /// Why it ended the time before.
        public var lastTerminatedReason = ""
        /// How it ended the time before.
        public var lastExitCode: Int?

        /// A container of which nothing is known yet.
        public init(name: String) {
            self.name = name
        }
    }

    /// A pod of which nothing is known yet.
    public init(name: String, phase: String = "Pending") {
        self.name = name
        self.phase = phase
    }

    /// Whether its containers have ended for good.
    public var isOver: Bool { phase == "Succeeded" || phase == "Failed" }
}

/// Why a pod does not serve, and will not unless something changes.
public struct PodFailure: Sendable, Hashable {
    /// The pod.
    public var pod: String
    /// The container; empty for the pod as a whole.
    public var container: String
    /// Why, in Kubernetes' word, such as `CrashLoopBackOff` or `OOMKilled`.
    public var reason: String
    /// Why, for people.
    public var message: String
}

extension ServingPod {
    /// Reasons for which a kubelet keeps a container waiting and that no waiting cures (pkg/kubelet/images/types.go and
    /// pkg/kubelet/container/sync_result.go).
    private static let fatalReasons: Set<String> = [
        "CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "ErrImageNeverPull", "InvalidImageName",
        "ImageInspectError", "RegistryUnavailable", "SignatureValidationFailed", "CreateContainerConfigError",
        "CreateContainerError", "RunContainerError", "StartError", "PreStartHookError", "PostStartHookError",
        "ContainerCannotRun", "ErrSidecarNotReady",
    ]

    /// Why it does not serve and will not by itself; nil while it may.
    public var failure: PodFailure? {
        guard !isBeingDeleted else { return nil }
        for container in containers {
            if let failure = failure(of: container) { return failure }
        }
        guard phase == "Failed" else { return nil }
        return PodFailure(
            pod: name,
            container: "",
            reason: reason.isEmpty ? "Failed" : reason,
            message: message
        )
    }

    private func failure(of container: Container) -> PodFailure? {
        func failure(_ reason: String) -> PodFailure {
            PodFailure(pod: name, container: container.name, reason: reason, message: container.message)
        }
        if Self.fatalReasons.contains(container.waitingReason) {
            // Why it crashes says more than that it does.
            let isOutOfMemory = container.lastTerminatedReason == "OOMKilled"
            return failure(isOutOfMemory ? "OOMKilled" : container.waitingReason)
        }
        if container.terminatedReason == "OOMKilled" { return failure("OOMKilled") }
        if !container.isInitial, !isOver, let code = container.exitCode, code != 0 {
            return failure(container.terminatedReason.isEmpty ? "Error" : container.terminatedReason)
        }
        if !container.isReady, container.lastTerminatedReason == "OOMKilled" { return failure("OOMKilled") }
        return nil
    }
}
