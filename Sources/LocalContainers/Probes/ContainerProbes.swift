/// The probes of one run of a container.
public struct ContainerProbes: Sendable, Hashable {
    /// The startup probe; without one the container counts as started at once.
    public var startup: Probe?
    /// The liveness probe.
    public var liveness: Probe?
    /// The readiness probe; without one the container counts as ready once it has started.
    public var readiness: Probe?

    /// The probes that a container has.
    public init(startup: Probe? = nil, liveness: Probe? = nil, readiness: Probe? = nil) {
        self.startup = startup
        self.liveness = liveness
        self.readiness = readiness
    }

    /// Makes the attempts from now, the container's start, on: each one's report, one after another. The sequence ends when
    /// no probe has anything more to try, and probing stops when the iterating task is cancelled or drops the sequence.
    ///
    /// - Parameters:
    ///   - attempt: Makes one attempt, within the probe's timeout: `ProbeExecutor.run`.
    ///   - clock: What waits between attempts.
    public func reports(
        clock: any Clock<Duration> = ContinuousClock(),
        attempt: @escaping @Sendable (Probe) async -> ProbeOutcome
    ) -> AsyncStream<ProbeReport> {
        let (stream, continuation) = AsyncStream.makeStream(of: ProbeReport.self)
        let probes = self
        let task = Task {
            await probes.run(clock, attempt) { continuation.yield($0) }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }

    private func run(
        _ clock: any Clock<Duration>,
        _ attempt: @escaping @Sendable (Probe) async -> ProbeOutcome,
        _ report: @escaping @Sendable (ProbeReport) -> Void
    ) async {
        let start = AnyInstant(clock)
        if let startup {
            guard await Self.run(.startup, startup, start, attempt, report) else { return }
        }
        await withTaskGroup { group in
            for (kind, probe) in [(ProbeKind.liveness, liveness), (.readiness, readiness)] {
                guard let probe else { continue }
                group.addTask { _ = await Self.run(kind, probe, start, attempt, report) }
            }
        }
    }

    /// Tries until it is decided, and says whether the probe passes then.
    private static func run(
        _ kind: ProbeKind,
        _ probe: Probe,
        _ start: AnyInstant,
        _ attempt: @Sendable (Probe) async -> ProbeOutcome,
        _ report: @Sendable (ProbeReport) -> Void
    ) async -> Bool {
        var state = ProbeState(kind, probe)
        var next = max(probe.initialDelay, start.elapsed())
        while !state.isDecided {
            guard await start.sleep(until: next) else { return false }
            let outcome = await attempt(probe)
            guard !Task.isCancelled else { return false }
            let hasChanged = state.take(outcome)
            report(ProbeReport(state: state, outcome: outcome, hasChanged: hasChanged))
            // As a ticker does: after an attempt that took longer than the period the next one follows at once.
            next = max(next + probe.period, start.elapsed())
        }
        return state.isPassing
    }
}

/// What an attempt of a probe has shown.
public struct ProbeReport: Sendable, Hashable {
    /// The probe's state after the attempt.
    public let state: ProbeState
    /// What came of the attempt.
    public let outcome: ProbeOutcome
    /// Whether the attempt changed or decided anything.
    public let hasChanged: Bool

    /// The message of the event `Unhealthy` (or `ProbeWarning`'s place, for an attempt that could not be made), as the kubelet
    /// words it; nil after a success.
    public var message: String? {
        switch outcome {
        case .success: nil
        case .failure(let message): "\(state.kind.rawValue) probe failed: \(message)"
        case .error(let message):
            "\(state.kind.rawValue) probe errored and resulted in unknown state: \(message)"
        }
    }
}

/// A point in the time of any clock, from which is measured.
private struct AnyInstant: Sendable {
    let elapsed: @Sendable () -> Duration
    private let wait: @Sendable (Duration) async -> Bool

    init(_ clock: any Clock<Duration>) {
        self = Self.make(clock)
    }

    private init(
        elapsed: @escaping @Sendable () -> Duration,
        wait: @escaping @Sendable (Duration) async -> Bool
    ) {
        self.elapsed = elapsed
        self.wait = wait
    }

    private static func make<C: Clock<Duration>>(_ clock: C) -> AnyInstant {
        let start = clock.now
        return AnyInstant(
            elapsed: { start.duration(to: clock.now) },
            wait: { duration in
                do {
                    try await clock.sleep(until: start.advanced(by: duration), tolerance: nil)
                    return true
                } catch {
                    return false
                }
            }
        )
    }

    /// Waits until so long after this point. False when the task was cancelled.
    func sleep(until duration: Duration) async -> Bool { await wait(duration) }
}
