import JSON
import KubernetesModel

/// Runs jobs: makes pods until enough have succeeded, or too many have failed.
struct JobController: Controller {
    let name = "job-controller"

    var triggers: [Trigger] {
        [.itself(.jobs), .controllerOrSelector(of: .pods, .jobs, kind: "Job")]
    }

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        let job = api.get(.jobs, key)
        try await releaseStrangers(key, job?.uid, api)
        guard let job, let selector = job.spec["selector"].flatMap({ try? LabelSelector(object: $0) }) else {
            return nil
        }
        if JobVerdict.isFinished(job) { return nil }
        let ownership = Ownership(api: api, owner: job, selector: selector, manager: name)
        let pods = try await ownership.claim(.pods)
        let events = EventRecorder(api: api, component: name)
        var round = JobRound(api: api, events: events, job: job, pods: pods)
        return try await round.run()
    }

    /// Lets go the pods of jobs that are gone: nobody counts them any more.
    private func releaseStrangers(
        _ key: ObjectKey,
        _ uid: String?,
        _ api: ClusterAPI
    ) async throws(APIStatus) {
        for pod in api.list(.pods, in: key.namespace)
        where pod.finalizers.contains(JobPods.trackingFinalizer) {
            guard let owner = pod.controller else {
                if pod.isBeingDeleted || PodState.isTerminated(pod) { try await release(pod, api) }
                continue
            }
            if owner.kind == "Job", owner.name == key.name, owner.uid != uid { try await release(pod, api) }
        }
    }

    private func release(_ pod: KubernetesObject, _ api: ClusterAPI) async throws(APIStatus) {
        try await Ownership.ignoringAbsence { () throws(APIStatus) in
            try await api.update(.pods, ObjectKey(pod), as: name) { pod in
                pod.finalizers = pod.finalizers.filter { $0 != JobPods.trackingFinalizer }
            }
        }
    }
}

/// Deletes jobs some time after they are finished, as `ttlSecondsAfterFinished` says.
struct FinishedJobController: Controller {
    let name = "ttl-after-finished-controller"

    var triggers: [Trigger] { [.itself(.jobs)] }

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        guard let job = api.get(.jobs, key), !job.isBeingDeleted,
            let seconds = job.spec["ttlSecondsAfterFinished"]?.integerValue,
            let end = JobVerdict.finishTime(job)
        else { return nil }
        let wait = api.now().duration(until: end.adding(seconds: seconds))
        guard wait == .zero else { return wait }
        try await api.delete(.jobs, key, DeleteOptions(propagation: .foreground, uid: job.uid))
        return nil
    }
}

/// How a job has ended, or is about to.
struct JobVerdict: Equatable {
    let hasSucceeded: Bool
    let reason: String
    let message: String

    static let completed = JobVerdict(
        hasSucceeded: true,
        reason: "CompletionsReached",
        message: "Reached expected number of succeeded pods"
    )
    static let tooManyFailures = JobVerdict(
        hasSucceeded: false,
        reason: "BackoffLimitExceeded",
        message: "Job has reached the specified backoff limit"
    )
    static let tooLate = JobVerdict(
        hasSucceeded: false,
        reason: "DeadlineExceeded",
        message: "Job was active longer than specified deadline"
    )

    /// The condition while pods are still ending, and the one afterwards.
    var interim: String { hasSucceeded ? "SuccessCriteriaMet" : "FailureTarget" }
    var final: String { hasSucceeded ? "Complete" : "Failed" }

    /// The verdict that a job's conditions already tell.
    static func told(_ job: KubernetesObject) -> JobVerdict? {
        for (type, hasSucceeded) in [("SuccessCriteriaMet", true), ("FailureTarget", false)] {
            guard let condition = job.condition(type), condition["status"] == "True" else { continue }
            return JobVerdict(
                hasSucceeded: hasSucceeded,
                reason: condition["reason"]?.stringValue ?? "",
                message: condition["message"]?.stringValue ?? ""
            )
        }
        return nil
    }

    private static func finalCondition(_ job: KubernetesObject) -> JSONValue? {
        ["Complete", "Failed"].compactMap(job.condition).first { $0["status"] == "True" }
    }

    static func isFinished(_ job: KubernetesObject) -> Bool { finalCondition(job) != nil }

    static func finishTime(_ job: KubernetesObject) -> Timestamp? {
        finalCondition(job)?["lastTransitionTime"]?.stringValue.flatMap { Timestamp(rfc3339: $0) }
    }
}
