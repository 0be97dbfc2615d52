import JSON
import KubernetesModel

/// One look at one job that is not finished.
struct JobRound {
    let api: ClusterAPI
    let events: EventRecorder
    let job: KubernetesObject
    /// The job's pods, those that have ended included.
    var pods: [KubernetesObject]

    private var plan: JobPods { JobPods(job: job) }
    private var isSuspended: Bool { job.spec["suspend"] == true }
    private var active: [KubernetesObject] { pods.filter(PodState.isActive) }
    private var terminating: [KubernetesObject] {
        pods.filter { $0.isBeingDeleted && !PodState.isTerminated($0) }
    }

    private func isTracked(_ pod: KubernetesObject) -> Bool {
        pod.finalizers.contains(JobPods.trackingFinalizer)
    }

    // MARK: Counting

    /// What is known to have ended, of pods that may be gone.
    private struct Tally {
        var succeeded: Int64
        var failed: Int64
        var indexes: CompletionIndexes
        /// Pods that are counted now and need no longer be kept.
        var counted: [ObjectKey] = []
    }

    private func count() -> Tally {
        let limit = min(plan.isIndexed ? plan.completions ?? 0 : 0, CompletionIndexes.most)
        var tally = Tally(
            succeeded: job.status.integer("succeeded"),
            failed: job.status.integer("failed"),
            indexes: CompletionIndexes(job.status["completedIndexes"]?.stringValue ?? "", below: limit)
        )
        let isOver = JobVerdict.told(job) != nil
        for pod in pods where isTracked(pod) {
            if PodState.phase(pod) == "Succeeded" {
                tally.counted.append(ObjectKey(pod))
                guard plan.isIndexed else {
                    tally.succeeded += 1
                    continue
                }
                if let index = JobPods.index(of: pod), index < limit { tally.indexes.insert(index) }
            } else if plan.hasFailed(pod) {
                tally.counted.append(ObjectKey(pod))
                // Those that the job itself ends are no failures.
                if !isOver { tally.failed += 1 }
            }
        }
        if plan.isIndexed { tally.succeeded = Int64(tally.indexes.indexes.count) }
        return tally
    }

    private func verdict(_ tally: Tally, now: Timestamp) -> JobVerdict? {
        if let told = JobVerdict.told(job) { return told }
        let limit = job.spec.integer("backoffLimit", default: 6)
        if tally.failed > limit || hasRestartedTooOften(limit) { return .tooManyFailures }
        if let deadline = deadline, deadline <= now, !isSuspended { return .tooLate }
        if let completions = plan.completions {
            return tally.succeeded >= completions ? .completed : nil
        }
        return tally.succeeded > 0 && active.isEmpty && terminating.isEmpty ? .completed : nil
    }

    private func hasRestartedTooOften(_ limit: Int64) -> Bool {
        guard job.spec["template"]?["spec"]?["restartPolicy"] == "OnFailure" else { return false }
        let restarts = active.reduce(Int64(0)) { total, pod in
            let containers =
                (pod.status["initContainerStatuses"]?.arrayValue ?? [])
                + (pod.status["containerStatuses"]?.arrayValue ?? [])
            return total + containers.reduce(Int64(0)) { $0 + $1.integer("restartCount") }
        }
        return limit == 0 ? restarts > 0 : restarts >= limit
    }

    private var deadline: Timestamp? {
        guard let seconds = job.spec["activeDeadlineSeconds"]?.integerValue,
            let start = job.status["startTime"]?.stringValue.flatMap({ Timestamp(rfc3339: $0) })
        else { return nil }
        return start.adding(seconds: seconds)
    }

    // MARK: Acting

    /// Counts, acts and writes the status. Returns how long until something is due by time alone.
    mutating func run() async throws(APIStatus) -> Duration? {
        let now = api.now()
        let tally = count()
        let verdict = verdict(tally, now: now)
        var wait: Duration?
        var failure: APIStatus?
        if !job.isBeingDeleted {
            do throws(APIStatus) {
                if verdict != nil || isSuspended {
                    try await deleteActive(active)
                } else {
                    wait = try await adjust(tally, now: now)
                }
            } catch {
                failure = error
            }
        }
        let current = api.list(.pods, in: job.namespace).filter { $0.controller?.uid == job.uid }
        pods = current
        try await report(tally, verdict, now: now)
        if let failure { throw failure }
        let late = isSuspended || verdict != nil ? nil : deadline.map { now.duration(until: $0) }
        return [wait, late].compactMap { $0 }.min()
    }

    /// Ends pods that count as nothing: they are let go before they are deleted.
    private func deleteActive(_ surplus: [KubernetesObject]) async throws(APIStatus) {
        let factory = PodFactory(api: api, events: events, owner: job)
        for pod in surplus {
            try await Ownership.ignoringAbsence { () throws(APIStatus) in
                try await api.update(.pods, ObjectKey(pod), as: events.component) { pod in
                    pod.finalizers = pod.finalizers.filter { $0 != JobPods.trackingFinalizer }
                }
            }
            try await factory.delete(pod)
        }
    }

    /// Makes or ends pods so that as many are active as there should be.
    private func adjust(_ tally: Tally, now: Timestamp) async throws(APIStatus) -> Duration? {
        let active = active
        var wanted = plan.parallelism
        if let completions = plan.completions {
            wanted = min(wanted, completions - tally.succeeded)
        } else if tally.succeeded > 0 {
            wanted = Int64(active.count)
        }
        let surplus = Int64(active.count) - wanted
        if surplus > 0 {
            let sorted = DeletionOrder.sorted(active, now: now)
            try await deleteActive(Array(sorted.prefix(Int(clamping: surplus))))
            return nil
        }
        let waiting = plan.replacesOnlyFailed ? Int64(terminating.count) : 0
        let missing = min(-surplus - waiting, Int64(PodFactory.burst))
        guard missing > 0 else { return nil }
        if let start = JobPods.nextStart(pods), start > now { return now.duration(until: start) }
        let factory = PodFactory(api: api, events: events, owner: job)
        guard plan.isIndexed else {
            for _ in 0..<missing { try await factory.create(plan.pod(index: nil)) }
            return nil
        }
        let taken = Set((active + (plan.replacesOnlyFailed ? terminating : [])).compactMap(JobPods.index))
            .union(tally.indexes.indexes)
        let free = (0..<(plan.completions ?? 0)).lazy.filter { !taken.contains($0) }
        for index in Array(free.prefix(Int(clamping: missing))) {
            try await factory.create(plan.pod(index: index))
        }
        return nil
    }

    // MARK: Status

    private func report(_ tally: Tally, _ verdict: JobVerdict?, now: Timestamp) async throws(APIStatus) {
        var conditions = Conditions(job)
        var status: JSONValue = [:]
        var news: [(EventRecorder.Severity, String, String)] = []
        let isDone = verdict != nil && active.isEmpty && terminating.isEmpty
        if let verdict {
            conditions.setJob(verdict.interim, "True", verdict.reason, verdict.message, now: now)
            if isDone {
                conditions.setJob(verdict.final, "True", verdict.reason, verdict.message, now: now)
                news.append(
                    verdict.hasSucceeded
                        ? (.normal, "Completed", "Job completed")
                        : (.warning, verdict.reason, verdict.message)
                )
            }
        } else if isSuspended, !conditions.isTrue("Suspended") {
            conditions.setJob("Suspended", "True", "JobSuspended", "Job suspended", now: now)
            news.append((.normal, "Suspended", "Job suspended"))
        } else if !isSuspended, conditions.isTrue("Suspended") {
            conditions.setJob("Suspended", "False", "JobResumed", "Job resumed", now: now)
            news.append((.normal, "Resumed", "Job resumed"))
        }
        if !isSuspended { status["startTime"] = job.status["startTime"] ?? .string(now.kubernetesTime) }
        if isDone, verdict?.hasSucceeded == true { status["completionTime"] = .string(now.kubernetesTime) }
        for (field, count) in [
            ("active", Int64(active.count)), ("succeeded", tally.succeeded), ("failed", tally.failed),
        ] where count > 0 { status[field] = .integer(count) }
        status["ready"] = .integer(Int64(active.count(where: PodState.isReady)))
        status["terminating"] = .integer(Int64(terminating.count))
        if plan.isIndexed, !tally.indexes.indexes.isEmpty {
            status["completedIndexes"] = .string(tally.indexes.text)
        }
        status["uncountedTerminatedPods"] = [:]
        status["conditions"] = conditions.json
        try await store(status, releasing: tally.counted)
        for (severity, reason, message) in news {
            await events.record(severity, reason, message, about: job)
        }
    }

    /// Writes the counts and lets the counted pods go, in one step: none is counted twice or never.
    private func store(_ status: JSONValue, releasing counted: [ObjectKey]) async throws(APIStatus) {
        let jobs = try api.definition(of: .jobs)
        let podDefinition = try api.definition(of: .pods)
        let options = WriteOptions(manager: events.component, now: api.now())
        let (key, uid) = (ObjectKey(job), job.uid)
        try await api.store.write { (transaction) throws(APIStatus) in
            guard let present = transaction.state.object(.jobs, key), present.uid == uid else { return }
            for key in counted {
                guard let pod = transaction.state.object(.pods, key) else { continue }
                var released = pod
                released.finalizers = pod.finalizers.filter { $0 != JobPods.trackingFinalizer }
                _ = try transaction.replace(podDefinition, pod, with: released, .main, options)
            }
            var job = present
            job.status = status
            _ = try transaction.replace(jobs, present, with: job, .status, options)
        }
    }
}

extension Conditions {
    /// Sets a condition of a job, with the time at which it was looked at when its status changes.
    fileprivate mutating func setJob(
        _ type: String,
        _ status: String,
        _ reason: String,
        _ message: String,
        now: Timestamp
    ) {
        guard self[type]?["status"]?.stringValue != status else { return }
        remove(type)
        append([
            "type": .string(type), "status": .string(status), "lastProbeTime": .string(now.kubernetesTime),
            "lastTransitionTime": .string(now.kubernetesTime), "reason": .string(reason),
            "message": .string(message),
        ])
    }
}
