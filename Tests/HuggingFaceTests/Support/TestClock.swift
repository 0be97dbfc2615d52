import Synchronization

/// The time, as a test moves it.
final class TestClock: Sendable {
    private let instant = Mutex(ContinuousClock().now)

    var now: @Sendable () -> ContinuousClock.Instant {
        { self.instant.withLock { $0 } }
    }

    func advance(by duration: Duration) {
        instant.withLock { $0 = $0.advanced(by: duration) }
    }
}
