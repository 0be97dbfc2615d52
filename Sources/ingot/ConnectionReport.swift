import ControlPlane
import Kubernetes
import Logging
import Synchronization

/// Tells the log when the API server cannot be relied on, and when it can again.
final class ConnectionReport: Sendable {
    private struct State {
        var access: ClusterAccess?
        var problem: String?
        var wasConnected = false
    }

    private let logger: Logger
    private let state = Mutex(State())

    init(_ logger: Logger) {
        self.logger = logger
    }

    /// Begins to tell of a cluster.
    func follow(_ access: ClusterAccess) {
        state.withLock { $0.access = access }
    }

    /// Is called whenever something is known of the cluster otherwise than before.
    @Sendable func changed() {
        guard let access = state.withLock(\.access) else { return }
        let isConnected = access.isConnected
        // Before the first answer a problem is news only once there is a reason for it.
        let error = access.caches?.reports.lazy.compactMap { $0.state.lastError }.first { _ in true }
        let problem = isConnected ? nil : error.map { "\($0)" }
        let news = state.withLock { state -> (isBack: Bool, problem: String?)? in
            if isConnected {
                defer { (state.problem, state.wasConnected) = (nil, true) }
                return state.problem == nil ? nil : (true, nil)
            }
            guard let problem, problem != state.problem else { return nil }
            state.problem = problem
            return (false, problem)
        }
        guard let news else { return }
        if news.isBack {
            logger.notice("the cluster answers again")
        } else {
            logger.warning("the cluster cannot be reached: \(news.problem ?? "")")
        }
    }
}
