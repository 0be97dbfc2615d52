import JSON
import KubernetesModel
import LocalContainers

/// Pulling images, and starting containers and starting them again.
extension PodSync {
    /// Figures of the kubelet: `MaxContainerBackOff`, `imageBackOffPeriod`.
    private static let firstPause = Duration.seconds(10)
    private static let longestPause = Duration.seconds(300)

    /// Brings a container that does not run closer to running, unless it is to stay as it is.
    mutating func advance(_ index: Int) async {
        let container = record.containers[index]
        switch container.state {
        case .running: return
        case .terminated(let termination):
            guard policy.restarts(after: termination.end, container.kind) else { return }
        case .waiting: break
        }
        guard !waitsForRestart(index), let imageID = pullImage(index) else { return }
        await start(index, imageID: imageID)
    }

    private func waitingReason(_ index: Int) -> String {
        let isInitial = record.containers[index].kind != .main
        return isInitial || record.containers.contains { $0.kind != .main }
            ? "PodInitializing" : "ContainerCreating"
    }

    // MARK: Restarts

    /// Whether a container that has ended must wait before it starts again.
    private mutating func waitsForRestart(_ index: Int) -> Bool {
        let container = record.containers[index]
        guard let termination = container.termination, container.creation == nil,
            container.pull == .none, let delay = nextDelay(container, termination)
        else { return false }
        let due = termination.end.finishedAt.advanced(by: delay)
        if due <= now { return false }
        let text = delay.goText
        let message = "back-off \(text) restarting failed container=\(container.name) pod=\(podText)"
        if container.state != .waiting(reason: "CrashLoopBackOff", message: message) {
            record.containers[index].wait("CrashLoopBackOff", message)
            report(
                KubeletEvent(
                    severity: .warning,
                    reason: "BackOff",
                    message: "Back-off restarting failed container \(container.name) in pod \(podText)",
                    field: field(index)
                )
            )
        }
        lookAgain(at: due)
        return true
    }

    /// The first restart comes at once; the next ones wait 10 s, 20 s and so on up to 5 min. A container that ran for twice the
    /// longest wait begins anew.
    private func nextDelay(_ container: ContainerRecord, _ termination: ContainerRecord.Termination)
        -> Duration?
    {
        let ran = termination.end.finishedAt.duration(since: termination.startedAt)
        return ran >= Self.longestPause * 2 ? nil : container.restartDelay
    }

    // MARK: Images

    /// The image's ID once it is there; nil while it is not.
    private mutating func pullImage(_ index: Int) -> String? {
        let specification = specifications[index]
        let image = specification["image"]?.stringValue ?? ""
        switch record.containers[index].pull {
        case .done(let id): return id
        case .running(let since, let until):
            guard until <= now else {
                lookAgain(at: until)
                return nil
            }
            return finishPull(index, image, since: since)
        case .failed(let since, let until):
            guard until <= now else {
                backOff(index, image, since: since, until: until)
                return nil
            }
        case .none: break
        }
        switch runtime.image(of: specification, in: pod) {
        case .present(let id), .builtIn(let id):
            if case .present = runtime.image(of: specification, in: pod),
                specification["imagePullPolicy"]?.stringValue == "Always"
            {
                return beginPull(index, image)
            }
            record.containers[index].pull = .done(id: id)
            report(
                event(
                    index,
                    .normal,
                    "Pulled",
                    "Container image \"\(image)\" already present on machine and can be accessed by the pod"
                )
            )
            return id
        case .pullable, .unpullable:
            return beginPull(index, image)
        case .unusable(let reason, let message):
            let wait = ContainerRecord.State.waiting(reason: reason, message: message)
            if record.containers[index].state != wait {
                record.containers[index].wait(reason, message)
                report(event(index, .warning, reason == "ErrImageNeverPull" ? reason : "Failed", message))
                report(event(index, .warning, "Failed", "Error: \(reason)"))
            }
            return nil
        }
    }

    private mutating func beginPull(_ index: Int, _ image: String) -> String? {
        var time = Duration.zero
        switch runtime.image(of: specifications[index], in: pod) {
        case .pullable(_, let duration, _), .unpullable(let duration, _): time = duration
        case .present, .builtIn, .unusable: break
        }
        let until = now.advanced(by: time)
        record.containers[index].pull = .running(since: now, until: until)
        record.containers[index].wait(waitingReason(index))
        report(event(index, .normal, "Pulling", "Pulling image \"\(image)\""))
        guard until <= now else {
            lookAgain(at: until)
            return nil
        }
        return finishPull(index, image, since: now)
    }

    private mutating func finishPull(_ index: Int, _ image: String, since: Timestamp) -> String? {
        var bytes: Int64 = 0
        let imageID: String
        switch runtime.image(of: specifications[index], in: pod) {
        case .present(let id), .builtIn(let id): imageID = id
        case .pullable(let id, _, let size): (imageID, bytes) = (id, size)
        case .unpullable(_, let message):
            failPull(index, image, message)
            return nil
        case .unusable(_, let message):
            failPull(index, image, message)
            return nil
        }
        let time = now.duration(since: since).goText
        let size = bytes > 0 ? " Image size: \(bytes) bytes." : ""
        report(
            event(
                index,
                .normal,
                "Pulled",
                "Successfully pulled image \"\(image)\" in \(time) (\(time) including waiting).\(size)"
            )
        )
        runtime.keep(image, for: pod)
        record.containers[index].pull = .done(id: imageID)
        return imageID
    }

    private mutating func failPull(_ index: Int, _ image: String, _ message: String) {
        var delay = Self.firstPause
        if let before = record.containers[index].pullDelay { delay = min(before * 2, Self.longestPause) }
        let text = "failed to pull and unpack image \"\(ImageName(image).canonical)\": \(message)"
        report(event(index, .warning, "Failed", "Failed to pull image \"\(image)\": \(text)"))
        report(event(index, .warning, "Failed", "Error: ErrImagePull"))
        record.containers[index].pullDelay = delay
        record.containers[index].wait("ErrImagePull", text)
        record.containers[index].pull = .failed(since: now, until: now.advanced(by: delay))
        lookAgain(at: now.advanced(by: Self.errorTime))
    }

    /// How long the error of a pull is shown before the wait for the next one is: the kubelet looks again about as soon.
    private static let errorTime = Duration.seconds(1)

    private mutating func backOff(_ index: Int, _ image: String, since: Timestamp, until: Timestamp) {
        let shown = since.advanced(by: Self.errorTime)
        guard shown <= now else { return lookAgain(at: shown) }
        lookAgain(at: until)
        guard case .waiting("ErrImagePull", let error) = record.containers[index].state else { return }
        let message = "Back-off pulling image \"\(image)\""
        record.containers[index].wait("ImagePullBackOff", "\(message): ErrImagePull: \(error)")
        report(event(index, .normal, "BackOff", message))
        report(event(index, .warning, "Failed", "Error: ImagePullBackOff"))
    }

    // MARK: Starting

    private mutating func start(_ index: Int, imageID: String) async {
        let specification = specifications[index]
        let environment: [String: String]
        do throws(ContainerConfigurationError) {
            if state.simulatedFailures(of: pod).contains(.createContainerConfigError) {
                throw ContainerConfigurationError(message: "configmap \"\(pod.name)-config\" not found")
            }
            environment = try ContainerEnvironment(pod, specification, state, record.addresses).variables()
        } catch {
            return refuse(index, error)
        }
        guard isCreated(index) else { return }
        let request = ContainerStart(
            pod: pod,
            container: specification,
            kind: record.containers[index].kind,
            restarts: record.containers[index].termination == nil ? 0 : record.containers[index].restarts + 1,
            environment: environment,
            address: record.addresses?.pod ?? ""
        )
        record.containers[index].imageID = imageID
        if record.containers[index].termination != nil {
            record.containers[index].restarts += 1
            raiseDelay(index)
        }
        switch await runtime.start(request, now: now) {
        case .started(let id):
            record.containers[index].noteStart(id: id, at: now)
            report(event(index, .normal, "Created", "Container created"))
            report(event(index, .normal, "Started", "Container started"))
            prepareProbes(index, id: id)
            if case .running(let until?) = runtime.state(of: id, now: now) { lookAgain(at: until) }
        case .failed(let reason, let message):
            report(event(index, .normal, "Created", "Container created"))
            report(event(index, .warning, "Failed", "Error: \(message)"))
            let id = "containerd://" + NameDigest.long(pod.uid, request.name, String(request.restarts))
            record.containers[index].noteStart(id: id, at: now)
            record.containers[index].noteEnd(
                ContainerEnd(exitCode: 128, reason: reason, message: message, finishedAt: now)
            )
            lookAgain(at: now)
        }
    }

    private mutating func refuse(_ index: Int, _ error: ContainerConfigurationError) {
        record.waitsForConfiguration = true
        let waiting = ContainerRecord.State.waiting(
            reason: "CreateContainerConfigError",
            message: error.message
        )
        guard record.containers[index].state != waiting else { return }
        record.containers[index].wait("CreateContainerConfigError", error.message)
        report(event(index, .warning, "Failed", "Error: \(error.message)"))
    }

    /// Whether the time that a container's creation takes is over.
    private mutating func isCreated(_ index: Int) -> Bool {
        let due =
            record.containers[index].creation
            ?? now.advanced(by: runtime.creationTime(of: specifications[index], in: pod))
        record.containers[index].creation = due
        if due <= now { return true }
        lookAgain(at: due)
        return false
    }

    private mutating func raiseDelay(_ index: Int) {
        let container = record.containers[index]
        guard let termination = container.termination, let delay = nextDelay(container, termination) else {
            record.containers[index].restartDelay = Self.firstPause
            return
        }
        record.containers[index].restartDelay = min(delay * 2, Self.longestPause)
    }

    private func event(
        _ index: Int,
        _ severity: EventRecorder.Severity,
        _ reason: String,
        _ message: String
    ) -> KubeletEvent {
        KubeletEvent(severity: severity, reason: reason, message: message, field: field(index))
    }
}
