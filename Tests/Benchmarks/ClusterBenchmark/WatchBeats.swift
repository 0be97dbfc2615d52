import Dispatch

/// What gives a watch something to tell, without end.
struct WatchBeats: AsyncSequence {
    enum Beat: Sendable {
        /// So many ticks have come due since the last time, at even intervals.
        case ticks(Int)
        /// An object was made, which is this as JSON.
        case made([UInt8])
    }

    private let stream: AsyncStream<Beat>

    /// So many ticks in a second, which may be none, and the objects that are made in a collection.
    init(ticksPerSecond rate: Int, made: MadeObjects?) {
        stream = AsyncStream { continuation in
            made?.tell(continuation)
            guard rate > 0 else { return }
            let timer = DispatchSource.makeTimerSource()
            timer.schedule(
                deadline: .now(),
                repeating: .nanoseconds(1_000_000_000 / rate),
                leeway: .microseconds(100)
            )
            // The source counts what has come due while its handler could not run.
            timer.setEventHandler {
                if case .terminated = continuation.yield(.ticks(Int(clamping: timer.data))) { timer.cancel() }
            }
            timer.activate()
        }
    }

    func makeAsyncIterator() -> AsyncStream<Beat>.AsyncIterator { stream.makeAsyncIterator() }
}
