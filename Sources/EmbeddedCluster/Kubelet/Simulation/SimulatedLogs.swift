import JSON
import KubernetesModel

/// The logs of simulated containers. They follow from the pod alone, so that they are the same whenever they are asked for.
struct SimulatedLogs: PodLogSource {
    let api: ClusterAPI
    let pace: KubeletPace
    let clock: any Clock<Duration>

    func log(of pod: KubernetesObject, _ options: PodLogOptions) async throws(APIStatus)
        -> AsyncThrowingStream<[UInt8], any Error>
    {
        let instance = try ContainerLogInstance(of: pod, options.container, previous: options.previous)
        guard let program = program(of: pod, options.container, instance) else {
            throw APIStatus.badRequest("container \(options.container) is not valid for pod \(pod.name)")
        }
        let reader = SimulatedLogReader(
            api: api,
            clock: clock,
            pod: pod,
            instance: instance,
            program: program,
            options: options
        )
        return AsyncThrowingStream { await reader.next() }
    }

    private func program(
        of pod: KubernetesObject,
        _ name: String,
        _ instance: ContainerLogInstance
    ) -> SimulatedProgram? {
        let specifications = PodRecord.specifications(of: pod)
        guard let index = specifications.firstIndex(where: { $0["name"]?.stringValue == name }) else {
            return nil
        }
        let record = PodRecord(pod, now: instance.startedAt)
        let environment = ContainerEnvironment(pod, specifications[index], api.state, record.addresses)
        let request = ContainerStart(
            pod: pod,
            container: specifications[index],
            kind: record.containers[index].kind,
            restarts: instance.restarts,
            environment: (try? environment.variables()) ?? [:],
            address: record.addresses?.pod ?? ""
        )
        let node = api.get(.nodes, ObjectKey(name: pod.spec["nodeName"]?.stringValue ?? ""))
        let failures =
            SimulatedFailure.requested(by: pod) + (node.map(SimulatedFailure.requested(by:)) ?? [])
        let behaviour = ContainerBehaviour(request, pace: pace, failures: failures)
        var program = behaviour.program
        if let fate = behaviour.fate, fate.reason == "Error" {
            program.steps = [
                .print("error: the program ends with code \(fate.exitCode), as \(NodeLabels.simulate) asks")
            ]
            program.cycle = []
        }
        return program
    }
}

/// Goes through the log of one simulated container.
private actor SimulatedLogReader {
    private let api: ClusterAPI
    private let clock: any Clock<Duration>
    private let pod: KubernetesObject
    private let instance: ContainerLogInstance
    private let program: SimulatedProgram
    private let options: PodLogOptions
    /// What has been read of the log, counted from the container's start; nil before the first part.
    private var position: Duration?
    private var bytesLeft: Int?
    private var isAtEnd = false

    /// As many lines as a log file of the kubelet's size holds.
    private static let mostLines = 100_000

    init(
        api: ClusterAPI,
        clock: any Clock<Duration>,
        pod: KubernetesObject,
        instance: ContainerLogInstance,
        program: SimulatedProgram,
        options: PodLogOptions
    ) {
        self.api = api
        self.clock = clock
        self.pod = pod
        self.instance = instance
        self.program = program
        self.options = options
        bytesLeft = options.limitBytes
    }

    /// The next lines; nil at the end.
    func next() async -> [UInt8]? {
        while !isAtEnd, !Task.isCancelled {
            let state = api.state
            let finishedAt = finishedAt(state)
            let elapsed = (finishedAt ?? api.now()).duration(since: instance.startedAt)
            let (lines, next) = program.lines(until: elapsed, limit: Self.mostLines)
            let bytes = text(of: lines)
            position = elapsed
            if finishedAt != nil || !options.follow { isAtEnd = true }
            if bytesLeft == 0 { isAtEnd = true }
            if !bytes.isEmpty { return bytes }
            if !isAtEnd { await wait(next.map { $0 - elapsed }, since: state.revision) }
        }
        return nil
    }

    /// When the instance ended; nil while it runs.
    private func finishedAt(_ state: ClusterState) -> Timestamp? {
        if let finishedAt = instance.finishedAt { return finishedAt }
        guard let present = state.object(.pods, ObjectKey(pod)), present.uid == pod.uid else {
            return api.now()
        }
        guard let now = try? ContainerLogInstance(of: present, options.container, previous: false) else {
            return api.now()
        }
        // The next instance runs: this one is over, and its last lines are those until the other began.
        return now.id == instance.id ? now.finishedAt : now.startedAt
    }

    private func text(of lines: [(at: Duration, text: String)]) -> [UInt8] {
        var lines = lines
        if let position {
            lines = lines.filter { $0.at > position }
        } else {
            if let since = options.since {
                let start = since.duration(since: instance.startedAt)
                lines = lines.filter { $0.at >= start }
            }
            if let count = options.tailLines { lines = lines.suffix(count) }
        }
        var bytes: [UInt8] = []
        for line in lines {
            let time = instance.startedAt.advanced(by: line.at)
            var text = line.text.replacing(ShellProgram.dateMark, with: time.dateCommandText) + "\n"
            if options.timestamps { text = "\(time.kubernetesNanoTime) \(text)" }
            bytes += Array(text.utf8)
            if let left = bytesLeft, bytes.count >= left { break }
        }
        if let left = bytesLeft {
            bytes = Array(bytes.prefix(left))
            bytesLeft = left - bytes.count
        }
        return bytes
    }

    /// Waits until the next line is due or the pod has changed.
    private func wait(_ time: Duration?, since revision: UInt64) async {
        let (api, clock) = (api, clock)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await api.store.waitForChange(of: .pods, since: revision) }
            if let time { group.addTask { try? await clock.sleep(for: max(time, .milliseconds(1))) } }
            await group.next()
            group.cancelAll()
        }
    }
}

extension Timestamp {
    /// As the kubelet writes the times of log lines: RFC 3339 in UTC with nine fraction digits.
    var kubernetesNanoTime: String {
        let digits = String(nanoseconds)
        return String(kubernetesTime.dropLast()) + "." + String(repeating: "0", count: 9 - digits.utf8.count)
            + digits
            + "Z"
    }

    /// As `date` prints it in UTC: `Sat Nov 21 09:31:23 UTC 2026`.
    var dateCommandText: String {
        let text = kubernetesTime
        let parts = text.dropLast().split(whereSeparator: { $0 == "-" || $0 == "T" }).map(String.init)
        guard parts.count == 4, let month = Int(parts[1]), (1...12).contains(month), let day = Int(parts[2])
        else { return text }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        // 1970-01-01 was a Thursday.
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let days = secondsSinceEpoch >= 0 ? secondsSinceEpoch / 86_400 : (secondsSinceEpoch - 86_399) / 86_400
        let weekday = weekdays[Int(((days % 7) + 7) % 7)]
        let padded = day < 10 ? " \(day)" : "\(day)"
        return "\(weekday) \(months[month - 1]) \(padded) \(parts[3]) UTC \(parts[0])"
    }
}
