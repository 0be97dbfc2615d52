import Kubernetes
import Runtimes
import Synchronization

extension DeploymentLogReader {
    /// Follows the logs of a deployment's pods, of those too that are yet to come, until it is gone; that of one pod until that has
    /// ended or is gone. Of several pods, `tailLines` is the number of lines of each to begin with.
    public func follow(
        _ record: DeploymentRecord,
        _ query: DeploymentLogQuery
    ) throws(DeploymentLogFailure) -> FollowedLog {
        // What is asked for must be there, so that a mistake is an answer and not an empty stream.
        _ = try sources(of: record, query)
        guard let client = cluster.client else { throw .unavailable }
        let cluster = cluster
        return FollowedLog { queue in
            var following = LogFollowing(cluster, client, record, query, queue)
            await following.run()
        }
    }
}

/// Reads the logs of a deployment's pods for one reader: each container's from its instance now, over its restarts, to its end.
struct LogFollowing {
    private enum Event {
        /// Some deployment is known otherwise than before, or it is time to look again.
        case look
        /// The log of a pod's container came to its end, or could not be read.
        case ended(String, LogCursor, KubernetesError?)
        /// The pause after that is over.
        case rested(String)
    }

    /// How far a pod has been followed.
    private struct Progress {
        let source: LogSource
        var isReading = true
        /// Whether the log ended a moment ago.
        var isResting = false
        /// How often the container had been started again when reading began.
        var restarts: Int
        var cursor = LogCursor()
        /// What was told last of why nothing can be read.
        var trouble = ""
        /// Whether the instance was read to its end.
        var isAtEnd = false
    }

    private let cluster: ClusterAccess
    private let client: KubernetesClient
    private let key: DeploymentKey
    private let query: DeploymentLogQuery
    private let queue: FollowedLogQueue
    /// The deployment as it is known; nil when it is gone.
    private var record: DeploymentRecord?
    private var revision: UInt64 = 0
    private var pods: [String: Progress] = [:]
    /// The pods that were there from the beginning.
    private let first: Set<String>

    /// How soon a log is asked for again that ended though its container seems to go on, or could not be read.
    private static let pause = Duration.seconds(1)

    init(
        _ cluster: ClusterAccess,
        _ client: KubernetesClient,
        _ record: DeploymentRecord,
        _ query: DeploymentLogQuery,
        _ queue: FollowedLogQueue
    ) {
        self.cluster = cluster
        self.client = client
        self.record = record
        self.query = query
        self.queue = queue
        key = record.key
        first = Set(record.pods.map(\.name))
    }

    mutating func run() async {
        let (events, event) = AsyncStream.makeStream(of: Event.self)
        let isToldToLook = Mutex(false)
        // Of the changes of many deployments one call to look is enough.
        let look: @Sendable () -> Void = {
            let isFirst = isToldToLook.withLock { isTold in
                defer { isTold = true }
                return !isTold
            }
            if isFirst { event.yield(.look) }
        }
        let following = cluster.deployments.changes.follow(look)
        let snapshot = cluster.deployments.snapshot
        revision = snapshot.revision
        record = Self.record(key, in: snapshot)
        if record?.pods.isEmpty == true { await note("no pods found for this deployment yet") }
        look()
        await withDiscardingTaskGroup { group in
            for await happened in events {
                switch happened {
                case .look:
                    isToldToLook.withLock { $0 = false }
                    takeChanges()
                case .ended(let pod, let cursor, let error):
                    takeChanges()
                    await ended(pod, cursor, error)
                    group.addTask {
                        try? await Task.sleep(for: Self.pause)
                        event.yield(.rested(pod))
                    }
                case .rested(let pod): pods[pod]?.isResting = false
                }
                await forgetPods()
                for start in starts() {
                    group.addTask { event.yield(await start.read()) }
                }
                if isOver { break }
            }
            group.cancelAll()
        }
        if record == nil { await note("the deployment is gone") }
        withExtendedLifetime(following) {}
    }

    // MARK: What is known

    private static func record(_ key: DeploymentKey, in snapshot: DeploymentSnapshot) -> DeploymentRecord? {
        snapshot.named(key.name, namespace: key.namespace).first { $0.key == key }
    }

    private mutating func takeChanges() {
        switch cluster.deployments.changes.changes(after: revision) {
        case .changes(let changes):
            for change in changes {
                revision = change.revision
                if change.key == key { record = change.record }
            }
        case .tooOld:
            let snapshot = cluster.deployments.snapshot
            revision = snapshot.revision
            record = Self.record(key, in: snapshot)
        }
    }

    /// Whether nothing more can come.
    private var isOver: Bool {
        guard !pods.values.contains(where: \.isReading) else { return false }
        guard let record else { return true }
        guard let name = query.podName else { return false }
        guard let pod = record.pods.first(where: { $0.name == name }) else { return true }
        return pod.isOver && pods[name]?.isAtEnd == true
    }

    /// Forgets pods that are gone, once their logs have been read.
    private mutating func forgetPods() async {
        guard let record else { return }
        for (name, progress) in pods where !progress.isReading {
            guard !record.pods.contains(where: { $0.name == name }) else { continue }
            pods[name] = nil
            await note("the pod is gone", progress.source)
        }
    }

    // MARK: Reading

    /// A log that is to be read.
    private struct Start {
        let source: LogSource
        let namespace: String
        let options: LogOptions
        let cursor: LogCursor
        let client: KubernetesClient
        let queue: FollowedLogQueue

        func read() async -> Event {
            var cursor = cursor
            do throws(KubernetesError) {
                try await client.logLines(source, namespace: namespace, options) { lines in
                    await queue.send(
                        lines.filter { cursor.isNew($0) }.map { .init(source: source, content: .line($0)) }
                    )
                }
                return .ended(source.pod, cursor, nil)
            } catch {
                return .ended(source.pod, cursor, error)
            }
        }
    }

    /// The logs to begin with now: of pods that were not read before, and of containers that have been started again.
    private mutating func starts() -> [Start] {
        guard let record else { return [] }
        var starts: [Start] = []
        for pod in record.pods where query.podName == nil || pod.name == query.podName {
            let containers = PodContainers(pod, specified: cluster.pod(key.namespace, pod.name))
            guard let source = LogSource(containers, named: query.container),
                let status = pod.containers.first(where: { $0.name == source.container }),
                status.isRunning || status.exitCode != nil || status.restarts > 0
            else { continue }
            var options = LogOptions()
            options.follows = true
            if var progress = pods[pod.name] {
                let isAnother = progress.restarts != status.restarts
                let mayHaveMore = !progress.isResting && (status.isRunning || !progress.isAtEnd)
                guard !progress.isReading, isAnother || mayHaveMore else { continue }
                progress.isReading = true
                progress.isAtEnd = false
                progress.restarts = status.restarts
                progress.cursor = progress.cursor.goingOn()
                pods[pod.name] = progress
                options.sinceTime = progress.cursor.time
            } else {
                pods[pod.name] = Progress(source: source, restarts: status.restarts)
            }
            // A pod that came later is read from its beginning.
            if options.sinceTime == nil, first.contains(pod.name) {
                options.tailLines = query.tailLines
                options.sinceSeconds = query.sinceSeconds
            }
            starts.append(
                Start(
                    source: source,
                    namespace: key.namespace,
                    options: options,
                    cursor: pods[pod.name]?.cursor ?? LogCursor(),
                    client: client,
                    queue: queue
                )
            )
        }
        return starts
    }

    private mutating func ended(_ pod: String, _ cursor: LogCursor, _ error: KubernetesError?) async {
        guard var progress = pods[pod] else { return }
        progress.isReading = false
        progress.isResting = true
        progress.isAtEnd = error == nil
        progress.cursor = cursor
        let status = record?.pods.first { $0.name == pod }?.containers
            .first { $0.name == progress.source.container }
        let trouble: String
        if let error {
            trouble = "the log cannot be read: \(error)"
        } else if let status, status.isRunning, status.restarts == progress.restarts {
            // The end of the log may be known before that of the container.
            trouble = "the log has ended"
        } else {
            trouble = Self.end(status)
        }
        let isNews = trouble != progress.trouble || status?.restarts != progress.restarts
        progress.trouble = trouble
        pods[pod] = progress
        if isNews, !Task.isCancelled { await note(trouble, progress.source) }
    }

    /// How a container came to its end.
    private static func end(_ status: ServingPod.Container?) -> String {
        guard let status else { return "the container has ended" }
        let reason = [status.terminatedReason, status.lastTerminatedReason].first { !$0.isEmpty }
        let code = (status.exitCode ?? status.lastExitCode).map { " with code \($0)" } ?? ""
        return "the container has ended\(code)" + (reason.map { " (\($0))" } ?? "")
    }

    private func note(_ text: String, _ source: LogSource? = nil) async {
        _ = await queue.send([FollowedLogItem(source: source, content: .note(text))])
    }
}
