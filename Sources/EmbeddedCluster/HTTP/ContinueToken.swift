import JSON
import KubernetesModel
import Synchronization

/// Keeps the states that lists are paged over, so that every page of one list shows the same moment.
final class PagedLists: Sendable {
    private struct Kept {
        let state: ClusterState
        var lastUse: Timestamp
    }

    private let kept = Mutex<[UInt64: Kept]>([:])
    private let now: @Sendable () -> Timestamp

    /// As etcd's default compaction: a page may be asked for this long after the one before, seconds.
    private static let lifetime = 300.0
    private static let mostKept = 256

    init(now: @escaping @Sendable () -> Timestamp) {
        self.now = now
    }

    /// The token with which the list goes on behind that key.
    func token(for state: ClusterState, after key: ObjectKey) -> String {
        let now = now()
        kept.withLock { kept in
            kept = kept.filter { now.seconds(since: $0.value.lastUse) < Self.lifetime }
            if kept.count >= Self.mostKept, let oldest = kept.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                kept[oldest.key] = nil
            }
            kept[state.revision] = Kept(state: state, lastUse: now)
        }
        let content: JSONValue = [
            "v": "meta.k8s.io/v1", "rv": .integer(Int64(clamping: state.revision)),
            "namespace": .string(key.namespace), "start": .string(key.name),
        ]
        return Base64.urlText(of: content.encoded())
    }

    /// Where the list goes on.
    ///
    /// - Throws: 400 for a token that is none of ours, 410 when its state is no longer kept.
    func resume(_ token: String) throws(APIStatus) -> (state: ClusterState, after: ObjectKey) {
        guard let bytes = Base64.bytes(ofURLText: token), let content = try? JSONValue(parsing: bytes),
            let revision = content["rv"]?.integerValue.flatMap({ UInt64(exactly: $0) }),
            let namespace = content["namespace"]?.stringValue, let name = content["start"]?.stringValue
        else { throw APIStatus.badRequest("continue key is not valid: it must be what a list answered") }
        let now = now()
        let state = kept.withLock { kept in
            kept[revision]?.lastUse = now
            return kept[revision]?.state
        }
        guard let state else {
            throw APIStatus(
                code: 410,
                reason: .expired,
                message: "The provided continue parameter is too old to display a consistent list result. "
                    + "You must start a new list without the continue parameter."
            )
        }
        return (state, ObjectKey(namespace: namespace, name: name))
    }
}
