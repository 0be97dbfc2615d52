import JSON

extension Examination {
    /// The events about a pod, the newest first.
    func events(of pod: ServingPod) -> [ClusterEvent] {
        facts.events.filter { ($0.kind == "Pod" || $0.kind.isEmpty) && $0.name == pod.name }
            .sorted { ($0.last?.millisecondsSinceEpoch ?? 0) > ($1.last?.millisecondsSinceEpoch ?? 0) }
    }

    mutating func examine(_ pod: ServingPod) {
        let events = events(of: pod)
        if pod.isOver {
            examineEnd(of: pod)
            return
        }
        if pod.reason == "NodeLost" || pod.phase == "Unknown" {
            findings.add(.nodeLost, .pod, "\(pod.name): \(pod.message.isEmpty ? pod.reason : pod.message)")
        }
        if pod.node.isEmpty {
            examineScheduling(pod, events)
            return
        }
        examineNode(of: pod, events)
        for container in pod.containers where !container.isReady { examine(container, of: pod, events) }
        examineStart(of: pod, events)
    }

    /// Whether the pod's node answers. The event that it does not outlives the time in which it did not.
    private mutating func examineNode(of pod: ServingPod, _ events: [ClusterEvent]) {
        let isReady = facts.nodesReady?[pod.node]
        if isReady != true, let event = events.first(where: { $0.reason == "NodeNotReady" }) {
            findings.add(.nodeLost, .event, event.message, at: event.last)
        }
        if isReady == false {
            findings.add(.nodeLost, .pod, "\(pod.name) is on node \(pod.node), which is not ready")
        }
    }

    // MARK: Pods that are over

    /// Controllers make a pod anew at once; one that was made later is of another try.
    private static let replacementSeconds = 120.0

    /// The pods that are over and in whose place others start now, the latest first.
    ///
    /// A kubelet that evicts a pod, or refuses it, leaves it as it is, and its controller makes another one. How that one fares is not
    /// known until it is ready or fails too: as long as it does neither, what ended the one before it is why nothing is served.
    private var replaced: [ServingPod] {
        let starting = facts.pods.filter {
            !$0.isOver && !$0.isBeingDeleted && !$0.isReady && !$0.wasReady && !$0.maker.isEmpty
        }
        let ended = facts.pods.compactMap { pod -> (pod: ServingPod, time: Timestamp)? in
            guard pod.phase == "Failed", let ended = pod.ended else { return nil }
            let isReplaced = starting.contains { heir in
                guard heir.maker == pod.maker, let created = heir.created else { return false }
                return abs(created.seconds(since: ended)) <= Self.replacementSeconds
            }
            return isReplaced ? (pod, ended) : nil
        }
        return ended.sorted { $0.time > $1.time }.map(\.pod)
    }

    mutating func examineReplaced() {
        guard !findings.tellFailure else { return }
        for pod in replaced { examineEnd(of: pod) }
    }

    private mutating func examineEnd(of pod: ServingPod) {
        let text = "\(pod.name): \(pod.reason)" + (pod.message.isEmpty ? "" : ": \(pod.message)")
        switch pod.reason {
        case "Evicted":
            findings.add(pod.message.contains("ephemeral") ? .diskFull : .evicted, .pod, text)
        case "Preempting", "Preempted": findings.add(.evicted, .pod, text)
        case "NodeLost", "NodeShutdown", "Terminated", "Shutdown": findings.add(.nodeLost, .pod, text)
        case "NodeAffinity": findings.add(.nodeSelectorMismatch, .pod, text)
        case "UnexpectedAdmissionError",
            _ where pod.reason.hasPrefix("OutOf"):
            let isGPU = SchedulingMessage.isGPU(pod.reason + pod.message)
            if isGPU { addLack(.gpu, .init(.pod, text)) }
            if !isGPU, pod.reason == "OutOfcpu" { addLack(.cpu, .init(.pod, text)) }
            if !isGPU, pod.reason == "OutOfmemory" { addLack(.memory, .init(.pod, text)) }
            if !isGPU, pod.reason == "UnexpectedAdmissionError" { findings.add(.unknown, .pod, text) }
        default:
            for container in pod.containers { examine(container, of: pod, events(of: pod)) }
            if !findings.tellFailure { findings.add(.crashLoop, .pod, text) }
        }
    }

    // MARK: Containers

    private mutating func examine(
        _ container: ServingPod.Container,
        of pod: ServingPod,
        _ events: [ClusterEvent]
    ) {
        let place = "\(pod.name), container \(container.name)"
        switch container.waitingReason {
        case "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError",
            "RegistryUnavailable", "SignatureValidationFailed":
            examineImage(container, place, events)
        case "CreateContainerConfigError", "CreateContainerError", "RunContainerError", "StartError",
            "PreStartHookError", "PostStartHookError", "ContainerCannotRun":
            let code = MessageCause.container(container.message, tokenSecret: facts.reading.spec?.tokenSecret)
            findings.add(code, .pod, "\(place): \(container.waitingReason): \(container.message)")
        case "CrashLoopBackOff": examineCrash(container, place)
        default:
            if container.exitCode.map({ $0 != 0 }) ?? false || container.restarts > 0 {
                examineCrash(container, place)
            }
        }
    }

    private mutating func examineImage(
        _ container: ServingPod.Container,
        _ place: String,
        _ events: [ClusterEvent]
    ) {
        // Older kubelets keep the reason to their events.
        let event = events.first { $0.reason == "Failed" && $0.message.contains("Failed to pull image") }
        let isTold = container.message.contains(": ") && container.waitingReason != "InvalidImageName"
        var code: DiagnosisCode = .imagePullFailed
        if container.waitingReason == "InvalidImageName" || container.waitingReason == "ErrImageNeverPull" {
            code = .imageNotFound
        } else if isTold {
            code = MessageCause.image(container.message)
        }
        if code == .imagePullFailed, let event { code = MessageCause.image(event.message) }
        findings.add(code, .pod, "\(place): \(container.waitingReason): \(container.message)")
        if let event { findings.add(code, .event, event.message, at: event.last) }
    }

    private mutating func examineCrash(_ container: ServingPod.Container, _ place: String) {
        if [container.terminatedReason, container.lastTerminatedReason].contains("OOMKilled") {
            findings.add(.hostOutOfMemory, .pod, "\(place): OOMKilled")
            return
        }
        let code = container.exitCode ?? container.lastExitCode
        let reason =
            container.terminatedReason.isEmpty ? container.lastTerminatedReason : container.terminatedReason
        if let cause = MessageCause.of(container.message) {
            findings.add(cause, .pod, "\(place): \(container.message)")
        } else if reason == "StartError" || reason == "ContainerCannotRun" {
            let cause = MessageCause.container(container.message, tokenSecret: nil)
            findings.add(cause, .pod, "\(place): \(reason): \(container.message)")
        }
        let exit = code.map { "exit code \($0)" + (Self.signal($0).map { " (\($0))" } ?? "") }
        let text = [reason, exit, container.restarts > 0 ? "\(container.restarts) restarts" : nil]
            .compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ", ")
        findings.add(.crashLoop, .pod, "\(place): \(text.isEmpty ? container.waitingReason : text)")
    }

    /// What ended a process whose exit code is 128 and a signal.
    private static func signal(_ code: Int) -> String? {
        switch code {
        case 132: "SIGILL, an instruction that the processor does not have"
        case 134: "SIGABRT"
        case 135: "SIGBUS"
        case 137: "SIGKILL"
        case 139: "SIGSEGV"
        case 143: "SIGTERM"
        default: nil
        }
    }

    // MARK: Starting

    private static let mountReasons: Set<String> = [
        "FailedMount", "FailedAttachVolume", "FailedMapVolume", "VolumeResizeFailed",
    ]

    private mutating func examineStart(of pod: ServingPod, _ events: [ClusterEvent]) {
        let isWaiting = !pod.containers.contains { $0.isRunning || $0.restarts > 0 }
        if isWaiting {
            for event in events where event.isWarning { examineObstacle(event) }
            let pull = events.first { ["Pulling", "Pulled"].contains($0.reason) }
            if let pull, pull.reason == "Pulling" {
                findings.add(.imagePulling, .event, pull.message, at: pull.last)
            }
        }
        let probes = events.filter { $0.reason == "Unhealthy" || $0.reason == "ProbeWarning" }
        for event in probes {
            // A failing startup probe is what starting looks like, until it ends the container.
            let isStarting = event.message.hasPrefix("Startup probe") && pod.restarts == 0
            findings.add(isStarting ? .startingSlowly : .probeFailing, .event, event.message, at: event.last)
        }
    }

    private mutating func examineObstacle(_ event: ClusterEvent) {
        let text = event.message.lowercased()
        if Self.mountReasons.contains(event.reason) {
            let isMissing =
                text.contains("not found") && (text.contains("secret ") || text.contains("configmap "))
            findings.add(isMissing ? .configMissing : .volumePending, .event, event.message, at: event.last)
        } else if event.reason == "FailedCreatePodSandBox" {
            let isRuntime = text.contains("nvidia") || text.contains("no runtime for")
            findings.add(
                isRuntime ? .cudaDriver : .unknown,
                .event,
                event.message,
                at: event.last,
                summary: isRuntime ? nil : "The node cannot make the pod's sandbox."
            )
        }
    }
}
