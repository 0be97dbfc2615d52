internal import Capacity
internal import Synchronization

/// What was found out of the models of deployments when these were made, so that why one does not start can be told without asking
/// the Hub again: by the deployment's identity, since not everybody may see every model.
final class KeptProfiles: Sendable {
    /// More deployments are forgotten, the earliest first.
    private static let most = 2000

    private struct State {
        var profiles: [String: ModelProfile] = [:]
        /// The identities, the earliest first.
        var order: [String] = []
    }

    private let state = Mutex(State())

    func keep(_ profile: ModelProfile, for uid: String) {
        state.withLock { state in
            if state.profiles.updateValue(profile, forKey: uid) == nil { state.order.append(uid) }
            guard state.order.count > Self.most else { return }
            state.profiles[state.order.removeFirst()] = nil
        }
    }

    func profile(_ uid: String) -> ModelProfile? { state.withLock { $0.profiles[uid] } }
}
