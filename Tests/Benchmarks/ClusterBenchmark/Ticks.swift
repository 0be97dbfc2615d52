import Dispatch

/// A beat: how many ticks have come due since the last time, at even intervals and without end.
///
/// Without any ticks in a second it waits until its task is cancelled.
struct Ticks: AsyncSequence {
    private let stream: AsyncStream<Int>

    init(perSecond rate: Int) {
        stream = AsyncStream { continuation in
            guard rate > 0 else { return }
            let timer = DispatchSource.makeTimerSource()
            timer.schedule(
                deadline: .now(),
                repeating: .nanoseconds(1_000_000_000 / rate),
                leeway: .microseconds(100)
            )
            // The source counts what has come due while its handler could not run.
            timer.setEventHandler {
                if case .terminated = continuation.yield(Int(clamping: timer.data)) { timer.cancel() }
            }
            timer.activate()
        }
    }

    func makeAsyncIterator() -> AsyncStream<Int>.AsyncIterator { stream.makeAsyncIterator() }
}
