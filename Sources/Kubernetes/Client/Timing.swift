/// Time, and chance where waiting needs it.
public struct Timing: Sendable {
    /// The time since some fixed moment; it never goes back.
    public var now: @Sendable () -> Duration
    /// Waits; throws when the task is cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void
    /// A random number from 0 up to 1, by which waits are spread.
    public var random: @Sendable () -> Double

    /// Time as given.
    public init(
        now: @escaping @Sendable () -> Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        random: @escaping @Sendable () -> Double
    ) {
        self.now = now
        self.sleep = sleep
        self.random = random
    }

    /// The real time.
    public static let real = {
        let clock = ContinuousClock()
        let start = clock.now
        return Timing(
            now: { start.duration(to: clock.now) },
            sleep: { try await clock.sleep(for: $0) },
            random: { .random(in: 0..<1) }
        )
    }()
}
