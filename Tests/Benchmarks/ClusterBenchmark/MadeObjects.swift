import Synchronization

/// The objects that are made in a collection: those who watch are told of them, and they are not kept.
final class MadeObjects: Sendable {
    private let watches = Mutex<[AsyncStream<WatchBeats.Beat>.Continuation]>([])

    /// Tells a watch from now on.
    func tell(_ watch: AsyncStream<WatchBeats.Beat>.Continuation) {
        watches.withLock { $0.append(watch) }
    }

    /// Tells of an object.
    func add(_ object: [UInt8]) {
        watches.withLock { watches in
            watches.removeAll { watch in
                if case .terminated = watch.yield(.made(object)) { true } else { false }
            }
        }
    }
}
