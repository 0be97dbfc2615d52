public import KubernetesModel

/// What happens to a resource, in order, without gaps: a batch of changes whenever there are some.
///
/// A reader that falls further behind than changes are kept gets `APIStatus` 410 and must read the state anew.
public struct ChangeSequence: AsyncSequence, Sendable {
    /// A batch: changes in order, and the revision up to which the resource had no others.
    public struct Batch: Sendable {
        /// The changes.
        public let changes: [Change]
        /// The revision up to which nothing is missing.
        public let revision: UInt64
    }

    let store: ObjectStore
    let resource: GroupResource
    let revision: UInt64

    /// An iterator that starts behind the revision.
    public func makeAsyncIterator() -> Iterator {
        Iterator(store: store, resource: resource, revision: revision)
    }

    /// Goes through the changes.
    public struct Iterator: AsyncIteratorProtocol {
        let store: ObjectStore
        let resource: GroupResource
        var revision: UInt64

        /// The next batch, or nil once the task is cancelled.
        public mutating func next() async throws(APIStatus) -> Batch? {
            try await next(isolation: nil)
        }

        /// The next batch, or nil once the task is cancelled.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(APIStatus) -> Batch? {
            while !Task.isCancelled {
                switch store.look(at: resource, since: revision) {
                case .expired(let oldest):
                    throw APIStatus.resourceVersionTooOld(revision, oldest: oldest)
                case .changes(let changes, let upTo):
                    if changes.isEmpty {
                        await store.waitForChange(of: resource, since: revision)
                    } else {
                        revision = Swift.max(revision, upTo)
                        return Batch(changes: changes, revision: revision)
                    }
                }
            }
            return nil
        }
    }
}
