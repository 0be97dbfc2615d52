import JSON
import KubernetesModel

/// Making probes and acting on their results.
extension PodSync {
    mutating func prepareProbes(_ index: Int, id: String) {
        let specification = specifications[index]
        record.containers[index].probes = ContainerProbe.Kind.allCases.compactMap { kind in
            ContainerProbe(kind, of: specification).map { probe in
                ProbeRecord(probe, due: runtime.firstCheck(probe, of: id, startedAt: now))
            }
        }
        if !record.containers[index].probes.contains(where: { $0.probe.kind == .startup }) {
            record.containers[index].isStarted = true
        }
        noteReadiness(index)
        // What has ended as soon as it started was never ready, though its end is noted in the next step only.
        if case .ended = runtime.state(of: id, now: now) { record.containers[index].isReady = false }
    }

    /// Makes the checks of a container that are due, and restarts it when it fails them.
    mutating func probe(_ index: Int) {
        guard let id = record.containers[index].runningID, !record.containers[index].isStopping else {
            return
        }
        // What has ended since it was looked at, if only just started, answers nothing any more; that is noted in the next step.
        if case .ended = runtime.state(of: id, now: now) { return lookAgain(at: now) }
        for place in record.containers[index].probes.indices {
            let probe = record.containers[index].probes[place]
            let kind = probe.probe.kind
            // The others wait for the startup probe, which is made until it succeeds.
            if kind == .startup ? record.containers[index].isStarted : !record.containers[index].isStarted {
                continue
            }
            guard probe.due <= now else {
                lookAgain(at: probe.due)
                continue
            }
            check(index, place, id)
            guard record.containers[index].runningID == id, !record.containers[index].isStopping else {
                return
            }
        }
        noteReadiness(index)
    }

    private mutating func check(_ index: Int, _ place: Int, _ id: String) {
        let probe = record.containers[index].probes[place].probe
        guard
            case .done(let result) = runtime.check(
                probe,
                of: id,
                address: record.addresses?.pod ?? "",
                now: now
            )
        else { return }
        record.containers[index].probes[place].note(result, at: now)
        if case .failure = result {
            record.containers[index].probes[place].due = runtime.nextCheck(probe, failedAt: now)
        }
        lookAgain(at: record.containers[index].probes[place].due)
        let complaint: String? =
            switch result {
            case .success: nil
            case .failure(let output): "failed: \(output)"
            case .unknown(let problem): "errored and resulted in unknown state: \(problem)"
            }
        if let complaint {
            report(
                KubeletEvent(
                    severity: .warning,
                    reason: "Unhealthy",
                    message: "\(probe.kind.title) probe \(complaint)",
                    field: field(index)
                )
            )
        }
        switch (probe.kind, record.containers[index].probes[place].passes) {
        case (.startup, true?):
            record.containers[index].isStarted = true
            // The others begin now, not when their first check would have been.
            for other in record.containers[index].probes.indices where other != place {
                record.containers[index].probes[other].due = max(
                    now,
                    record.containers[index].probes[other].due
                )
                lookAgain(at: record.containers[index].probes[other].due)
            }
        case (.startup, false?), (.liveness, false?):
            let container = record.containers[index]
            let seconds =
                probe.gracePeriodSeconds ?? pod.spec["terminationGracePeriodSeconds"]?.integerValue ?? 30
            let kind = probe.kind.title.lowercased()
            stop(
                index,
                grace: .seconds(seconds),
                "Container \(container.name) failed \(kind) probe, will be restarted"
            )
            lookAgain(at: now)
        default: break
        }
    }

    private mutating func noteReadiness(_ index: Int) {
        let container = record.containers[index]
        let probe = container.probes.first { $0.probe.kind == .readiness }
        record.containers[index].isReady =
            container.runningID != nil && container.isStarted && !container.isStopping
            && (probe == nil || probe?.passes == true)
    }
}
