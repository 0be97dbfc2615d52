import HTTPClient
import JSON
import Kubernetes
import KubernetesModel
import Synchronization

/// Time that passes only while somebody waits. It notes the waits.
final class VirtualTime: Sendable {
    private struct State {
        var now = Duration.zero
        var waits: [Duration] = []
        var followers:
            [(isEnough: @Sendable ([Duration]) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    /// How long was waited, in order.
    var waits: [Duration] { state.withLock(\.waits) }

    /// Returns once as was waited as `isEnough` asks for. The test's time limit ends a wait for what never comes.
    func wait(until isEnough: @escaping @Sendable ([Duration]) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isSo = state.withLock { state in
                if isEnough(state.waits) { return true }
                state.followers.append((isEnough, continuation))
                return false
            }
            if isSo { continuation.resume() }
        }
    }

    var timing: Timing {
        Timing(
            now: { self.state.withLock(\.now) },
            sleep: { duration in
                try Task.checkCancellation()
                let followers = self.state.withLock { state in
                    state.now += duration
                    state.waits.append(duration)
                    let waits = state.waits
                    let found = state.followers.filter { $0.isEnough(waits) }
                    state.followers.removeAll { $0.isEnough(waits) }
                    return found
                }
                for follower in followers { follower.continuation.resume() }
                await Task.yield()
            },
            random: { 0 }
        )
    }
}

/// Runs `body` with a client of a server that answers with `answer`.
func withClient(
    _ change: @Sendable (inout ClusterConfiguration) -> Void = { _ in },
    timing: Timing = VirtualTime().timing,
    answer: @escaping @Sendable (ScriptedRequest, ScriptedConnection) -> Void,
    _ body: (KubernetesClient, ScriptedServer) async throws -> Void
) async throws {
    let server = try ScriptedServer(answer)
    var configuration = ClusterConfiguration(server: server.url, origin: "a test")
    change(&configuration)
    let http = try HTTPClient()
    let outcome: Result<Void, any Error>
    do {
        outcome = .success(
            try await body(KubernetesClient(configuration: configuration, http: http, timing: timing), server)
        )
    } catch {
        outcome = .failure(error)
    }
    await http.shutDown()
    try outcome.get()
}

let pods = GroupVersionResource(version: "v1", resource: "pods")
let deployments = GroupVersionResource(group: "apps", version: "v1", resource: "deployments")

/// A `Status` object that tells of a failure.
func failure(_ code: Int, _ reason: String, _ message: String = "no") -> JSONValue {
    APIStatus(code: code, reason: .init(rawValue: reason), message: message).json
}
