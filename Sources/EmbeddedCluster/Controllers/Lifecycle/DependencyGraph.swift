import DequeModule
import KubernetesModel
import Synchronization

/// Which objects depend on which, by the owners' UIDs, as far as the watches have told.
final class DependencyGraph: Sendable {
    private struct State {
        var dependents: [String: Set<ResourceKey>] = [:]
        /// Owners that were seen to go, the latest last: for dependents whose owner's kind is no longer served.
        var gone: Deque<String> = []
    }

    private static let goneKept = 500
    private let state = Mutex(State())

    /// Takes in a change and returns the keys to look at: the object itself and what depends on it.
    func note(_ change: Change) -> [ObjectKey] {
        guard let object = change.object else { return [] }
        let key = ResourceKey(change.resource, change.key)
        let before = Set((change.previous?.ownerReferences ?? []).map(\.uid))
        let after = Set((change.current?.ownerReferences ?? []).map(\.uid))
        let isGone = change.current == nil
        let changed = state.withLock { state -> Set<ResourceKey> in
            for uid in before.subtracting(after) {
                state.dependents[uid]?.remove(key)
                if state.dependents[uid]?.isEmpty == true { state.dependents[uid] = nil }
            }
            for uid in after { state.dependents[uid, default: []].insert(key) }
            if isGone {
                state.gone.append(object.uid)
                if state.gone.count > Self.goneKept { state.gone.removeFirst() }
            }
            return state.dependents[object.uid] ?? []
        }
        if isGone {
            // The owners may wait for this one to be gone.
            let owners = ownerKeys(before)
            forget(object.uid)
            return changed.map(\.queueKey) + owners
        }
        let hasBegunDeletion = object.isBeingDeleted && change.previous?.isBeingDeleted != true
        var keys: [ObjectKey] = []
        if before != after || hasBegunDeletion || change.previous?.finalizers != object.finalizers {
            keys = [key.queueKey]
        }
        if hasBegunDeletion { keys += changed.map(\.queueKey) }
        if before != after || blocked(change.previous) != blocked(change.current) {
            keys += ownerKeys(before.union(after))
        }
        return keys
    }

    /// Where those of the owners are that wait for their dependents.
    private func ownerKeys(_ uids: Set<String>) -> [ObjectKey] {
        places.withLock { places in uids.compactMap { places[$0]?.queueKey } }
    }

    /// The owners whose deletion an object blocks.
    private func blocked(_ object: KubernetesObject?) -> Set<String> {
        Set((object?.ownerReferences ?? []).filter(\.blocksOwnerDeletion).map(\.uid))
    }

    /// Where the objects that wait for their dependents are.
    private let places = Mutex<[String: ResourceKey]>([:])

    /// Notes that an owner waits for its dependents, so that their changes lead to it.
    func await(_ uid: String, at key: ResourceKey) {
        places.withLock { $0[uid] = key }
    }

    /// The owner waits no longer.
    func forget(_ uid: String) {
        places.withLock { _ = $0.removeValue(forKey: uid) }
    }

    /// What the watches have told to depend on an owner.
    func dependents(of uid: String) -> Set<ResourceKey> {
        state.withLock { $0.dependents[uid] ?? [] }
    }

    /// Whether an owner with that UID was seen to go lately.
    func hasSeenGo(_ uid: String) -> Bool {
        state.withLock { $0.gone.contains(uid) }
    }
}
