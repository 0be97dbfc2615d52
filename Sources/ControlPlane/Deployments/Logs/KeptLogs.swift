import DequeModule
import JSON
import Runtimes
import Synchronization

/// The last lines of pods that are gone, or about to go, for a while.
final class KeptLogs: Sendable {
    /// What is kept, and for how long.
    struct Limits: Sendable {
        /// How long lines are kept, seconds.
        var seconds = 3600.0
        /// The most lines of a deployment.
        var lines = 1000
        /// The most bytes of a deployment.
        var bytes = 256 * 1024
        /// The most bytes of all deployments together.
        var totalBytes = 64 << 20
    }

    /// The last lines of one container.
    struct Log: Sendable {
        let source: LogSource
        var tail: LogTail
        var keptAt: Timestamp
    }

    private struct State {
        var logs: [DeploymentKey: [Log]] = [:]
        var bytes = 0
    }

    private let state = Mutex(State())
    private let limits: Limits
    private let now: @Sendable () -> Timestamp

    init(limits: Limits = Limits(), now: @escaping @Sendable () -> Timestamp = Timestamp.now) {
        self.limits = limits
        self.now = now
    }

    /// A tail in the bounds of one deployment.
    func emptyTail() -> LogTail { LogTail(mostLines: limits.lines, mostBytes: limits.bytes) }

    /// Keeps the last lines of a container in the place of those that were kept of it before.
    func keep(_ tail: LogTail, of source: LogSource, for key: DeploymentKey) {
        guard !tail.lines.isEmpty else { return }
        let now = now()
        state.withLock { state in
            var logs = state.logs[key] ?? []
            state.bytes -= Self.size(logs)
            logs.removeAll { $0.source.pod == source.pod && $0.source.container == source.container }
            logs.append(Log(source: source, tail: tail, keptAt: now))
            logs = bounded(logs)
            state.bytes += Self.size(logs)
            state.logs[key] = logs
            prune(&state, now)
        }
    }

    /// What is kept of a deployment, the latest last.
    func logs(of key: DeploymentKey) -> [Log] {
        state.withLock { state in
            prune(&state, now())
            return state.logs[key] ?? []
        }
    }

    /// The deployments of that name of which something is kept.
    func keys(named name: String, namespace: String?) -> [DeploymentKey] {
        state.withLock { state in
            prune(&state, now())
            return state.logs.keys.filter {
                $0.name == name && (namespace == nil || $0.namespace == namespace)
            }.sorted()
        }
    }

    // MARK: Bounds

    private static func size(_ logs: [Log]) -> Int { logs.reduce(0) { $0 + $1.tail.size } }

    /// Lets the largest give way, so that one pod that talks a lot does not cost the others their lines.
    private func bounded(_ logs: [Log]) -> [Log] {
        let lines = Self.shares(logs.map(\.tail.lines.count), of: limits.lines)
        let bytes = Self.shares(logs.map(\.tail.size), of: limits.bytes)
        var kept: [Log] = []
        for (index, log) in logs.enumerated() {
            var log = log
            if log.tail.lines.count > lines[index] || log.tail.size > bytes[index] {
                var tail = LogTail(mostLines: lines[index], mostBytes: bytes[index])
                tail.append(Array(log.tail.lines))
                log.tail = tail
            }
            if !log.tail.lines.isEmpty { kept.append(log) }
        }
        return kept
    }

    /// How much of `limit` each may have that wants so much: what one leaves is divided among the others.
    static func shares(_ wishes: [Int], of limit: Int) -> [Int] {
        var shares = wishes
        var left = limit
        var waiting = wishes.count
        for index in wishes.indices.sorted(by: { wishes[$0] < wishes[$1] }) {
            shares[index] = min(wishes[index], left / max(1, waiting))
            left -= shares[index]
            waiting -= 1
        }
        return shares
    }

    /// Forgets what is too old, and the oldest while there is too much.
    private func prune(_ state: inout State, _ now: Timestamp) {
        for (key, logs) in state.logs {
            let young = logs.filter { now.seconds(since: $0.keptAt) < limits.seconds }
            guard young.count < logs.count else { continue }
            state.bytes -= Self.size(logs) - Self.size(young)
            state.logs[key] = young.isEmpty ? nil : young
        }
        while state.bytes > limits.totalBytes {
            let oldest = state.logs.min { ($0.value.last?.keptAt ?? now) < ($1.value.last?.keptAt ?? now) }
            guard let oldest else { return }
            state.bytes -= Self.size(oldest.value)
            state.logs[oldest.key] = nil
        }
    }
}
