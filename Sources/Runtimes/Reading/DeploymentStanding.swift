/// How a deployment stands: what its object says, held against its pods. An operator's word that a model is served counts only as
/// long as its pods bear it out.
public struct DeploymentStanding: Sendable, Hashable {
    /// The phase.
    public let phase: DeploymentPhase
    /// Why, for people; empty for nothing.
    public let message: String
    /// The first of the pods' failures; nil for none.
    public let failure: PodFailure?

    /// - Parameter pods: the deployment's pods.
    public init(_ reading: DeploymentReading, _ pods: [ServingPod]) {
        // What is over or on its way out serves nothing, and says nothing of those that take its place.
        let present = pods.filter { !$0.isOver && !$0.isBeingDeleted }
        let failures = pods.compactMap { pod in pod.isOver && !present.isEmpty ? nil : pod.failure }
        let unready = present.filter { !$0.isReady }
        failure = failures.first
        let text = failures.first.map(Self.text) ?? reading.message
        switch reading.phase {
        case _ where reading.isBeingDeleted:
            phase = .terminating
            message = reading.message
        case .failed, .terminating:
            phase = reading.phase
            message = reading.message.isEmpty ? text : reading.message
        case .running where reading.replicas.desired == 0 && failures.isEmpty:
            phase = .running
            message = reading.message
        case .running where failures.isEmpty && unready.isEmpty && !present.isEmpty:
            phase = .running
            message = reading.message
        default:
            message = text
            if !failures.isEmpty {
                // Some of it serves: what is broken is told, and the rest is not taken for lost.
                let serves = reading.mode == .aggregated && reading.replicas.ready > 0
                phase = serves ? .deploying : .failed
            } else if present.isEmpty || !present.contains(where: { !$0.node.isEmpty }) {
                phase = .pending
            } else {
                phase = .deploying
            }
        }
    }

    private static func text(_ failure: PodFailure) -> String {
        let place = failure.container.isEmpty ? failure.pod : "\(failure.pod), container \(failure.container)"
        return "\(place): \(failure.reason)" + (failure.message.isEmpty ? "" : ": \(failure.message)")
    }
}

extension DeploymentReading {
    /// The same with no more replicas ready than pods are: some operators tell by a condition alone that all of them are, and leave
    /// it so while pods fail (KAITO while it waits for them, KServe while its Deployment may lack as many as it has).
    ///
    /// - Parameter pods: all pods of the deployment.
    public func bounded(by pods: [ServingPod]) -> DeploymentReading {
        let ready = pods.count { $0.isReady && !$0.isBeingDeleted }
        var bounded = self
        bounded.replicas.ready = min(replicas.ready, ready)
        bounded.replicas.available = min(replicas.available, ready)
        return bounded
    }
}
