import ControlPlane
import HTTPClient
import JSON
import Kubernetes
import KubernetesModel
import Synchronization
import Testing

/// The caches of a served cluster, running, and a clock that a test sets.
final class RunningCaches: Sendable {
    let caches: ClusterCaches
    let client: KubernetesClient
    private let time: Clock
    private let changes: AsyncStream<Void>

    /// The time that the caches believe it is.
    private final class Clock: Sendable {
        let seconds = Atomic<Int64>(1_000_000)
        var now: Timestamp { Timestamp(secondsSinceEpoch: seconds.load(ordering: .relaxed)) }
    }

    var now: Timestamp { time.now }

    func advance(seconds: Int64) {
        time.seconds.add(seconds, ordering: .relaxed)
    }

    private init(_ client: KubernetesClient, _ settings: ClusterCaches.Settings) {
        let time = Clock()
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.time = time
        self.client = client
        changes = stream
        caches = ClusterCaches(
            client: client,
            settings: settings,
            now: { time.now },
            onChange: { continuation.yield() }
        )
    }

    /// Runs `body` beside caches of what is served.
    static func run(
        _ served: ServedCluster,
        customResources: [GroupVersionResource] = [],
        _ body: (RunningCaches, ScriptedServer) async throws -> Void
    ) async throws {
        try await run(customResources: customResources, answer: served.serve, body)
    }

    /// Runs `body` beside caches of what a server answers.
    static func run(
        customResources: [GroupVersionResource] = [],
        timing: Timing = .real,
        configuration: @Sendable (inout ClusterConfiguration) -> Void = { _ in },
        watch change: (inout ListWatch.Settings) -> Void = { _ in },
        answer: @escaping @Sendable (ScriptedRequest, ScriptedConnection) -> Void,
        _ body: (RunningCaches, ScriptedServer) async throws -> Void
    ) async throws {
        var settings = ClusterCaches.Settings.controlPlane
        settings.customResources = customResources
        settings.watch.pageSize = 2
        settings.watch.firstPause = .milliseconds(2)
        settings.watch.longestPause = .milliseconds(10)
        settings.watch.unavailablePause = .milliseconds(20)
        settings.watch.longestToldPause = .milliseconds(20)
        change(&settings.watch)
        try await withClient(configuration, timing: timing, answer: answer) { client, server in
            let running = RunningCaches(client, settings)
            let task = Task { await running.caches.run() }
            let outcome: Result<Void, any Error>
            do {
                outcome = .success(try await body(running, server))
            } catch {
                outcome = .failure(error)
            }
            task.cancel()
            await task.value
            try outcome.get()
        }
    }

    /// Waits for changes until something holds. The suite's time limit ends a wait for what never comes.
    func wait(until isDone: (ClusterCaches) -> Bool) async {
        if isDone(caches) { return }
        for await _ in changes where isDone(caches) { return }
    }

    /// Waits until all objects have been read once.
    func waitUntilSynced() async {
        await wait { $0.reports.allSatisfy { $0.state.isSynced || $0.state.isUnavailable } }
    }
}
