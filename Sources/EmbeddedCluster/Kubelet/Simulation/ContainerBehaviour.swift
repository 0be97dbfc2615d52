import JSON
import KubernetesModel
import LocalContainers

/// What a simulated container does: what it prints, and when it ends.
struct ContainerBehaviour: Sendable {
    let program: SimulatedProgram
    /// How the program ends for a cause from outside, whatever it does; nil for none.
    var fate: Fate?

    struct Fate: Sendable, Hashable {
        let after: Duration
        let exitCode: Int64
        let reason: String
    }

    /// Images of which it is known what they do without a command.
    private static let shells = ["busybox", "alpine", "bash", "ubuntu", "debian", "fedora", "centos"]

    init(_ request: ContainerStart, pace: KubeletPace, failures: [SimulatedFailure]) {
        let command = (request.container["command"]?.arrayValue ?? []).compactMap(\.stringValue)
        let arguments = (request.container["args"]?.arrayValue ?? []).compactMap(\.stringValue)
        let words = (command + arguments).map { VariableReferences.expand($0, request.environment) }
        let image = ImageName(request.container["image"]?.stringValue ?? "")
        let base = String(image.repository.split(separator: "/").last ?? "")
        let ends = request.kind == .initial || Self.isOfJob(request.pod)
        if let program = ShellProgram.program(words, environment: request.environment, host: request.pod.name)
        {
            self.program = program
        } else if base == "hello-world", words.isEmpty {
            program = SimulatedProgram(lines: ["Hello from Docker!"], endsAfter: .zero)
        } else if words.isEmpty, Self.shells.contains(base) {
            // A shell that has no input.
            program = SimulatedProgram(lines: [], endsAfter: .zero)
        } else if request.kind != .initial,
            let engine = EngineLog(image: image.repository, words: words, request)
        {
            program = engine.program(ready: pace.ready)
        } else if ends {
            program = SimulatedProgram(
                lines: ["[\(base)] started", "[\(base)] finished"],
                endsAfter: pace.work
            )
        } else {
            program = SimulatedProgram(lines: ["[\(base)] started: \(words.joined(separator: " "))"])
        }
        if request.kind != .initial, failures.contains(.crashLoopBackOff) {
            fate = Fate(after: pace.start, exitCode: 1, reason: "Error")
        } else if request.kind != .initial, failures.contains(.outOfMemory) {
            fate = Fate(after: pace.ready / 2, exitCode: 137, reason: "OOMKilled")
        }
    }

    private static func isOfJob(_ pod: KubernetesObject) -> Bool {
        pod.controller?.kind == "Job"
    }

    /// How the container ends by itself when it started then; nil when it runs on.
    func end(startedAt: Timestamp) -> ContainerEnd? {
        if let fate {
            return ContainerEnd(
                exitCode: fate.exitCode,
                reason: fate.reason,
                finishedAt: startedAt.advanced(by: fate.after)
            )
        }
        guard let (after, code) = program.end else { return nil }
        return ContainerEnd(
            exitCode: code,
            reason: code == 0 ? "Completed" : "Error",
            finishedAt: startedAt.advanced(by: after)
        )
    }
}

/// What a program prints and when, counted from its start.
struct SimulatedProgram: Sendable {
    enum Step: Sendable, Hashable {
        case print(String)
        case wait(Duration)
    }

    /// What it does first.
    var steps: [Step]
    /// What it then does again and again; nil when it ends.
    var cycle: [Step]?
    var exitCode: Int64 = 0

    init(steps: [Step], cycle: [Step]?, exitCode: Int64 = 0) {
        self.steps = steps
        self.cycle = cycle
        self.exitCode = exitCode
    }

    /// Prints those lines and runs on in silence.
    init(lines: [String]) {
        self.init(steps: lines.map(Step.print), cycle: [])
    }

    /// Prints all lines but the last, which comes before the end.
    init(lines: [String], endsAfter: Duration, exitCode: Int64 = 0) {
        var steps = lines.dropLast().map(Step.print)
        steps.append(.wait(endsAfter))
        if let last = lines.last { steps.append(.print(last)) }
        self.init(steps: steps, cycle: nil, exitCode: exitCode)
    }

    /// When it ends, and with what code; nil when it runs on.
    var end: (after: Duration, exitCode: Int64)? {
        guard cycle == nil else { return nil }
        return (Self.time(of: steps), exitCode)
    }

    private static func time(of steps: [Step]) -> Duration {
        steps.reduce(.zero) { sum, step in
            if case .wait(let time) = step { sum + time } else { sum }
        }
    }

    /// What is printed from the start until then, with the time of each line; at most the latest `limit` lines. `next` is when
    /// the line after those comes, nil for never.
    func lines(
        until elapsed: Duration,
        limit: Int
    ) -> (lines: [(at: Duration, text: String)], next: Duration?) {
        var lines: [(at: Duration, text: String)] = []
        var time = Duration.zero
        for step in steps {
            switch step {
            case .wait(let duration): time += duration
            case .print(let text):
                if time > elapsed { return (lines, time) }
                lines.append((time, text))
            }
        }
        guard let cycle, Self.time(of: cycle) > .zero, cycle.contains(where: Self.isPrint) else {
            return (lines, nil)
        }
        // Rounds that would fall out of the limit are left out: a program may run for weeks.
        let round = Self.time(of: cycle)
        let printed = cycle.count(where: Self.isPrint)
        let rounds = max(.zero, elapsed - time) / round
        let skipped = max(0, Int(rounds) - limit / printed - 1)
        time += round * skipped
        while true {
            for step in cycle {
                switch step {
                case .wait(let duration): time += duration
                case .print(let text):
                    if time > elapsed { return (Array(lines.suffix(limit)), time) }
                    lines.append((time, text))
                }
            }
        }
    }

    private static func isPrint(_ step: Step) -> Bool {
        if case .print = step { true } else { false }
    }
}
