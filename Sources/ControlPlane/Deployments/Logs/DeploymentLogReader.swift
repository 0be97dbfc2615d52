import JSON
import Kubernetes
import KubernetesModel
import Runtimes

/// Reads the logs of deployments.
public struct DeploymentLogReader: Sendable {
    let cluster: ClusterAccess

    /// Logs of one deployment that are read at the same time.
    private static let mostAtOnce = 8
    /// The most bytes that are kept of all logs for one answer.
    private static let mostBytes = 16 << 20

    /// A reader of the logs of a cluster's deployments.
    public init(cluster: ClusterAccess) {
        self.cluster = cluster
    }

    /// The lines that are asked for. Those of a pod that is gone are the ones that were kept of it.
    public func read(
        _ record: DeploymentRecord,
        _ query: DeploymentLogQuery
    ) async throws(DeploymentLogFailure) -> DeploymentLog {
        let sources: [LogSource]
        do throws(DeploymentLogFailure) {
            sources = try self.sources(of: record, query)
        } catch {
            if case .notItsPod = error, let kept = kept(record.key, query) { return kept }
            throw error
        }
        if record.pods.isEmpty, let kept = kept(record.key, query) { return kept }
        guard let client = cluster.client else { throw .unavailable }
        let outcomes = await Self.read(sources, record.reading.namespace, query, client)
        return try merged(zip(sources, outcomes), record.key, query)
    }

    /// The lines that were kept of the pods of a deployment; nil when there are none.
    public func kept(_ key: DeploymentKey, _ query: DeploymentLogQuery) -> DeploymentLog? {
        guard !query.isPrevious else { return nil }
        let now = Timestamp.now()
        let all = (cluster.logKeeper?.kept.logs(of: key) ?? []).filter {
            query.podName == nil || $0.source.pod == query.podName
        }
        let logs = all.filter { log in
            let siblings = all.filter { $0.source.pod == log.source.pod }.map(\.source.container)
            return log.source.container == query.container ?? LogSource.serving(siblings)
        }
        guard !logs.isEmpty else { return nil }
        var log = DeploymentLog(
            logs.map { log in (log.source, log.tail.lines.filter { query.selects($0, at: now) }) },
            tailLines: query.tailLines
        )
        log.isKept = true
        log.notes = ["These are the last lines that were kept of pods that are gone."]
        return log
    }

    /// The deployments of that name of whose pods lines were kept.
    public func keptDeployments(named name: String, namespace: String?) -> [DeploymentKey] {
        cluster.logKeeper?.kept.keys(named: name, namespace: namespace) ?? []
    }

    /// The containers that are meant.
    func sources(
        of record: DeploymentRecord,
        _ query: DeploymentLogQuery
    ) throws(DeploymentLogFailure) -> [LogSource] {
        let pods = record.pods.filter { query.podName == nil || $0.name == query.podName }
        if let name = query.podName, pods.isEmpty { throw .notItsPod(name) }
        let containers = pods.map { pod in
            PodContainers(pod, specified: cluster.pod(record.reading.namespace, pod.name))
        }
        let sources = containers.compactMap { LogSource($0, named: query.container) }
        if sources.isEmpty, let name = query.container, !pods.isEmpty {
            throw .noSuchContainer(name, known: Set(containers.flatMap(\.all)).sorted())
        }
        return sources
    }

    // MARK: Reading

    private typealias Outcome = Result<[LogLine], KubernetesError>

    private static func read(
        _ sources: [LogSource],
        _ namespace: String,
        _ query: DeploymentLogQuery,
        _ client: KubernetesClient
    ) async -> [Outcome] {
        let bytes = mostBytes / max(1, sources.count)
        return await withTaskGroup(of: (Int, Outcome).self) { group in
            var outcomes = [Outcome](repeating: .success([]), count: sources.count)
            var next = 0
            func start() {
                guard next < sources.count else { return }
                let (index, source) = (next, sources[next])
                next += 1
                group.addTask {
                    var tail = LogTail(mostLines: query.tailLines, mostBytes: bytes)
                    do throws(KubernetesError) {
                        try await client.logLines(source, namespace: namespace, query.options) { lines in
                            tail.append(lines)
                            return true
                        }
                        return (index, .success(Array(tail.lines)))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            for _ in 0..<mostAtOnce { start() }
            while let (index, outcome) = await group.next() {
                outcomes[index] = outcome
                start()
            }
            return outcomes
        }
    }

    private func merged(
        _ outcomes: some Sequence<(LogSource, Outcome)>,
        _ key: DeploymentKey,
        _ query: DeploymentLogQuery
    ) throws(DeploymentLogFailure) -> DeploymentLog {
        var logs: [(source: LogSource, lines: [LogLine])] = []
        var notes: [String] = []
        var failure: KubernetesError?
        for (source, outcome) in outcomes {
            switch outcome {
            case .success(let lines): logs.append((source, lines))
            case .failure(let error):
                // Those are answers about the pod, not failures: it has not started, it has no instance before, or it is gone.
                let isAboutPod = error.status?.code == 400 || error.isNotFound
                if !isAboutPod { failure = failure ?? error }
                var one = query
                one.podName = source.pod
                if error.isNotFound, let kept = kept(key, one) {
                    logs.append((source, kept.entries.map(\.line)))
                    notes.append("\(source.pod) is gone: the lines that were kept of it are told")
                } else {
                    if isAboutPod { logs.append((source, [])) }
                    notes.append("\(source.pod): \(error)")
                }
            }
        }
        if let failure, logs.isEmpty { throw .kubernetes(failure) }
        var log = DeploymentLog(logs, tailLines: query.tailLines)
        log.notes = notes
        return log
    }
}
