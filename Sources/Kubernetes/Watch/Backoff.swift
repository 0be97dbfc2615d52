/// Growing pauses between attempts, spread so that clients do not come back all at once.
struct Backoff {
    private let first: Duration
    private let longest: Duration
    private var next: Duration

    init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = longest
        next = first
    }

    /// The pause before the next attempt: between half and all of a time that doubles with each call.
    ///
    /// - Parameters:
    ///   - least: how long to wait at least, because the server says so.
    ///   - random: from 0 up to 1.
    mutating func pause(least: Duration?, random: Double) -> Duration {
        let pause = next * (0.5 + 0.5 * random)
        next = min(next * 2, longest)
        // After a time that the server names, its clients still come back spread.
        return least.map { max($0 + pause * 0.5, pause) } ?? pause
    }

    /// Begins anew after a success.
    mutating func reset() {
        next = first
    }
}
