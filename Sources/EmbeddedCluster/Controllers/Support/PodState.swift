import JSON
import KubernetesModel

/// What controllers ask about pods.
enum PodState {
    static func phase(_ pod: KubernetesObject) -> String { pod.status["phase"]?.stringValue ?? "" }

    /// Whether all containers have ended for good.
    static func isTerminated(_ pod: KubernetesObject) -> Bool {
        let phase = phase(pod)
        return phase == "Succeeded" || phase == "Failed"
    }

    /// Whether the pod counts as a replica: it has not ended and nobody has asked it to.
    static func isActive(_ pod: KubernetesObject) -> Bool {
        !isTerminated(pod) && !pod.isBeingDeleted
    }

    static func node(_ pod: KubernetesObject) -> String { pod.spec["nodeName"]?.stringValue ?? "" }

    static func isReady(_ pod: KubernetesObject) -> Bool {
        pod.condition("Ready")?["status"]?.stringValue == "True"
    }

    /// Since when the pod is ready, or nil.
    static func readySince(_ pod: KubernetesObject) -> Timestamp? {
        guard isReady(pod), let time = pod.condition("Ready")?["lastTransitionTime"]?.stringValue else {
            return nil
        }
        return Timestamp(rfc3339: time)
    }

    /// Whether the pod has been ready for that many seconds.
    static func isAvailable(_ pod: KubernetesObject, minReadySeconds: Int64, now: Timestamp) -> Bool {
        guard isReady(pod) else { return false }
        if minReadySeconds == 0 { return true }
        guard let since = readySince(pod) else { return false }
        return since.adding(seconds: minReadySeconds) <= now
    }

    /// How long until the next of those ready pods becomes available, or nil when none will by waiting alone.
    static func untilNextAvailable(
        _ pods: [KubernetesObject],
        minReadySeconds: Int64,
        now: Timestamp
    ) -> Duration? {
        guard minReadySeconds > 0 else { return nil }
        return pods.compactMap(readySince).map { $0.adding(seconds: minReadySeconds) }
            .filter { $0 > now }.min().map { now.duration(until: $0) }
    }

    /// How often the containers were started again.
    static func restarts(_ pod: KubernetesObject) -> Int64 {
        (pod.status["containerStatuses"]?.arrayValue ?? [])
            .compactMap { $0["restartCount"]?.integerValue }.max() ?? 0
    }
}

extension Timestamp {
    func adding(seconds: Int64) -> Timestamp {
        Timestamp(
            secondsSinceEpoch: secondsSinceEpoch.addingReportingOverflow(seconds).overflow
                ? .max : secondsSinceEpoch + seconds,
            nanoseconds: Int64(nanoseconds)
        )
    }

    /// How long it is from this time to a later one; zero when that is over.
    func duration(until later: Timestamp) -> Duration {
        max(
            .zero,
            .seconds(later.secondsSinceEpoch - secondsSinceEpoch)
                + .nanoseconds(Int64(later.nanoseconds) - Int64(nanoseconds))
        )
    }
}
