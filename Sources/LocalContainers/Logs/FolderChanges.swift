internal import Dispatch
internal import Glibc
internal import Synchronization

/// Tells of changes in folders, by inotify(7): files written, closed by their writer, made, removed, renamed.
///
/// The process has one inotify instance for all, since a user may have few of those (128 by default) but many watches.
final class FolderChanges: Sendable {
    private struct Folder {
        var path: String
        var subscribers: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private struct State {
        var descriptor: Int32 = -1
        var folders: [Int32: Folder] = [:]
        var nextSubscriber = 0
    }

    static let shared = FolderChanges()

    private static let events = UInt32(
        IN_MODIFY | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_ONLYDIR
    )

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "ingot.folder-changes", qos: .utility)

    /// The changes in a folder from now on: one element for any number of changes since the last one was taken. It ends when
    /// the folder is removed.
    func subscribe(to folder: String) throws(ContainerLogError) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Void.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        let subscription = state.withLock {
            state -> Result<(watch: Int32, subscriber: Int), ContainerLogError> in
            guard start(&state) else { return .failure(ContainerLogError(path: folder, code: errno)) }
            // The same folder gets the same watch.
            let watch = inotify_add_watch(state.descriptor, folder, Self.events)
            guard watch >= 0 else { return .failure(ContainerLogError(path: folder, code: errno)) }
            let subscriber = state.nextSubscriber
            state.nextSubscriber += 1
            state.folders[watch, default: Folder(path: folder)].subscribers[subscriber] = continuation
            return .success((watch, subscriber))
        }
        let (watch, subscriber) = try subscription.get()
        continuation.onTermination = { [self] _ in unsubscribe(subscriber, from: watch) }
        return stream
    }

    /// Opens the inotify instance if there is none.
    private func start(_ state: inout State) -> Bool {
        if state.descriptor >= 0 { return true }
        let descriptor = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        guard descriptor >= 0 else { return false }
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        source.setEventHandler { self.receive(descriptor) }
        // The instance lives as long as the process, and so does its source.
        source.setCancelHandler { [source] in _ = source }
        source.activate()
        state.descriptor = descriptor
        return true
    }

    private func unsubscribe(_ subscriber: Int, from watch: Int32) {
        state.withLock { state in
            guard state.folders[watch]?.subscribers.removeValue(forKey: subscriber) != nil,
                state.folders[watch]?.subscribers.isEmpty == true
            else { return }
            state.folders[watch] = nil
            inotify_rm_watch(state.descriptor, watch)
        }
    }

    private func receive(_ descriptor: Int32) {
        withUnsafeTemporaryAllocation(byteCount: 16384, alignment: MemoryLayout<inotify_event>.alignment) {
            buffer in
            while true {
                let count = read(descriptor, buffer.baseAddress, buffer.count)
                guard count > 0 else { return }
                var changed: Set<Int32> = []
                var gone: Set<Int32> = []
                var offset = 0
                while offset + MemoryLayout<inotify_event>.size <= count {
                    let event = buffer.load(fromByteOffset: offset, as: inotify_event.self)
                    offset += MemoryLayout<inotify_event>.size + Int(event.len)
                    if event.mask & UInt32(IN_IGNORED) != 0 {
                        gone.insert(event.wd)
                    } else {
                        changed.insert(event.wd)
                    }
                }
                notify(changed, gone)
            }
        }
    }

    private func notify(_ changed: Set<Int32>, _ gone: Set<Int32>) {
        // A queue that overflowed is told with the watch -1: then anything may have changed.
        let everything = changed.contains(-1)
        let (told, ended) = state.withLock { state in
            let told = state.folders.filter { everything || changed.contains($0.key) }
            let ended = gone.compactMap { state.folders.removeValue(forKey: $0) }
            return (told.values.flatMap(\.subscribers.values), ended.flatMap(\.subscribers.values))
        }
        for subscriber in told { subscriber.yield() }
        for subscriber in ended { subscriber.finish() }
    }
}
