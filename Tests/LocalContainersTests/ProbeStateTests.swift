internal import LocalContainers
internal import Synchronization
internal import Testing

@Suite(.timeLimit(.minutes(1)))
struct ProbeStateTests {
    /// Whether the probe passes after each outcome: `+` for a success, `-` for a failure, `?` for neither.
    private func passes(_ kind: ProbeKind, _ outcomes: String, success: Int = 1, failure: Int = 3) -> String {
        var state = ProbeState(
            kind,
            Probe(.exec([]), successThreshold: success, failureThreshold: failure)
        )
        return String(
            outcomes.map { outcome in
                state.take(outcome == "+" ? .success : outcome == "-" ? .failure("") : .error(""))
                return state.isDecided ? (state.isPassing ? "P" : "F") : (state.isPassing ? "p" : "f")
            }
        )
    }

    @Test("A container is ready after enough successes in a row and not ready after enough failures")
    func readiness() {
        #expect(passes(.readiness, "--+---+") == "ffpppfp")
        #expect(passes(.readiness, "+--+--+---") == "pppppppppf")
        #expect(passes(.readiness, "++-+++-", success: 3, failure: 1) == "fffffpf")
    }

    @Test("A container works until enough attempts in a row have failed, and then it is decided")
    func liveness() {
        #expect(passes(.liveness, "+--+---+") == "ppppppFF")
        #expect(passes(.liveness, "-", failure: 1) == "F")
    }

    @Test("A container has started with the first success, or fails to")
    func startup() {
        #expect(passes(.startup, "--+---") == "ffPPPP")
        #expect(passes(.startup, "---+") == "ffFF")
    }

    @Test("An attempt that could not be made neither counts nor interrupts")
    func errors() {
        #expect(passes(.liveness, "-?-?-") == "ppppF")
        #expect(passes(.readiness, "??+?") == "ffpp")
    }

    @Test("Reports say what changed, in the kubelet's words for what failed")
    func messages() async throws {
        let probes = ContainerProbes(
            readiness: Probe(.exec([]), period: .milliseconds(1), failureThreshold: 2)
        )
        let outcomes = Mutex<[ProbeOutcome]>([.error("no"), .success, .failure("bad"), .failure("worse")])
        var seen: [String] = []
        for await report in probes.reports(attempt: { _ in
            outcomes.withLock { $0.isEmpty ? .success : $0.removeFirst() }
        }) {
            seen.append("\(report.state.isPassing) \(report.hasChanged) \(report.message ?? "-")")
            if seen.count == 5 { break }
        }
        #expect(
            seen == [
                "false false Readiness probe errored and resulted in unknown state: no",
                "true true -",
                "true false Readiness probe failed: bad",
                "false true Readiness probe failed: worse",
                "true true -",
            ]
        )
    }

    @Test("Other probes begin when the startup probe has passed, and none do when it fails")
    func order() async {
        let startup = Probe(.exec(["startup"]), period: .milliseconds(1))
        let liveness = Probe(.exec(["liveness"]), period: .milliseconds(1), failureThreshold: 1)
        let probes = ContainerProbes(startup: startup, liveness: liveness)
        let attempts = Mutex(0)
        let kinds = await probes.reports { probe in
            guard probe == startup else { return .failure("dead") }
            return attempts.withLock { count in
                count += 1
                return count < 3 ? .failure("not yet") : .success
            }
        }.reduce(into: []) { $0.append($1.state.kind) }
        #expect(kinds == [.startup, .startup, .startup, .liveness])

        let failing = await probes.reports { _ in .failure("never") }.reduce(into: []) { $0.append($1.state) }
        #expect(failing.map(\.kind) == [.startup, .startup, .startup])
        #expect(failing.last?.isDecided == true && failing.last?.isPassing == false)
    }

    @Test("Attempts begin after the initial delay, a period apart, and at once after one that took longer")
    func times() async {
        let clock = LeapingClock()
        let probe = Probe(.exec([]), initialDelay: .seconds(5), period: .seconds(10), failureThreshold: 5)
        let times = Mutex<[Duration]>([])
        for await _ in ContainerProbes(liveness: probe).reports(
            clock: clock,
            attempt: { _ in
                times.withLock { times in
                    times.append(clock.now.offset)
                    if times.count == 2 { clock.leap(to: clock.now.advanced(by: .seconds(25))) }
                }
                return .failure("")
            }
        ) {}
        #expect(times.withLock { $0 } == [5, 15, 40, 50, 60].map { .seconds($0) })
    }

    @Test("A sequence that is dropped cancels the attempt that is being made")
    func dropped() async throws {
        let attempts = Mutex(0)
        let cancelled = AsyncStream.makeStream(of: Void.self)
        let probes = ContainerProbes(readiness: Probe(.exec([]), period: .zero))
        for await _ in probes.reports(attempt: { _ in
            let isFirst = attempts.withLock { count in
                count += 1
                return count == 1
            }
            if isFirst { return .success }
            // Nothing ever comes, until the task is cancelled.
            for await _ in AsyncStream.makeStream(of: Never.self).stream {}
            cancelled.continuation.yield()
            return .success
        }) { break }
        var wasCancelled = cancelled.stream.makeAsyncIterator()
        #expect(await wasCancelled.next() != nil)
        #expect(attempts.withLock { $0 } == 2)
    }
}

/// A clock on which waiting takes no time.
private final class LeapingClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration
        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private let time = Mutex(Instant(offset: .zero))
    var now: Instant { time.withLock { $0 } }
    var minimumResolution: Duration { .zero }

    func leap(to instant: Instant) {
        time.withLock { $0 = max($0, instant) }
    }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        leap(to: deadline)
    }
}
