import ControlPlane
import Runtimes

/// Where a follower of deployments is told of them. Each call returns when there is room for more.
protocol DeploymentEventSink: Sendable {
    /// All deployments as they are.
    func send(_ records: [DeploymentRecord], _ id: DeploymentEventID) async throws
    /// A change.
    func send(_ event: DeploymentEventTexts.Event) async throws
    /// Up to where there was nothing to tell, so that a follower of few deployments need not begin anew.
    func send(_ id: DeploymentEventID) async throws
}

/// Tells one client of deployments as they change.
///
/// Nothing waits for a client: one that is far behind is told of each deployment as it is by then, and not of what it was between.
struct DeploymentFollower {
    let index: DeploymentIndex
    let texts: DeploymentEventTexts
    /// The namespace whose deployments are told of; nil for all.
    let namespace: String?

    /// How many changes are told before those which came meanwhile are looked at, and more than which are not told one by one.
    private static let portion = 64
    /// How many changes are looked at for later ones of the same deployment. All together would be looked at again and again while a
    /// client that is far behind catches up.
    private static let outlook = 1024
    /// After how many changes that were none of the client's it is told where it stands.
    private static let silence: UInt64 = 1024

    /// Follows until the client or the task ends.
    ///
    /// - Parameter start: the change behind which to begin; nil for a beginning with all deployments.
    func run(after start: UInt64?, _ sink: some DeploymentEventSink) async throws {
        let (bell, ringer) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let following = index.changes.follow { ringer.yield() }
        defer { withExtendedLifetime(following) {} }
        var position: UInt64
        if let start {
            position = start
        } else {
            position = try await sendAll(sink)
        }
        var told = position
        // Something may have happened before the bell was there.
        ringer.yield()
        for await _ in bell {
            while let next = try await sendChanges(after: position, &told, sink) { position = next }
            if position - told >= Self.silence {
                try await sink.send(DeploymentEventID(position))
                told = position
            }
        }
        try Task.checkCancellation()
    }

    private func sendAll(_ sink: some DeploymentEventSink) async throws -> UInt64 {
        let snapshot = index.snapshot
        texts.keep(only: snapshot.newestFirst)
        let records = snapshot.newestFirst.filter { namespace == nil || $0.reading.namespace == namespace }
        try await sink.send(records, DeploymentEventID(snapshot.revision))
        return snapshot.revision
    }

    /// Tells of some changes, and returns the last one that need not be looked at again; nil when there are none.
    private func sendChanges(
        after position: UInt64,
        _ told: inout UInt64,
        _ sink: some DeploymentEventSink
    ) async throws -> UInt64? {
        guard case .changes(let changes) = index.changes.changes(after: position, limit: Self.outlook)
        else {
            let next = try await sendAll(sink)
            told = next
            return next
        }
        guard let last = changes.last else { return nil }
        let latest = Self.latest(changes.filter { namespace == nil || $0.key.namespace == namespace })
        for change in latest.prefix(Self.portion) {
            try await sink.send(texts.event(change))
            told = change.revision
        }
        // What was left out up to there has a later change, which is yet to be told.
        return latest.count > Self.portion ? latest[Self.portion - 1].revision : last.revision
    }

    /// All of these changes where they are few, else the last of each deployment; in order.
    static func latest(_ changes: [DeploymentChange]) -> [DeploymentChange] {
        guard changes.count > portion else { return changes }
        var seen: Set<DeploymentKey> = []
        return changes.reversed().filter { seen.insert($0.key).inserted }.reversed()
    }
}
