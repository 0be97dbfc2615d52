import JSON

extension Timestamp {
    /// The time that much later.
    func advanced(by duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        let (sum, overflow) = secondsSinceEpoch.addingReportingOverflow(seconds)
        return Timestamp(
            secondsSinceEpoch: overflow ? (seconds < 0 ? .min : .max) : sum,
            nanoseconds: Int64(nanoseconds) + attoseconds / 1_000_000_000
        )
    }

    /// The time since `earlier`.
    func duration(since earlier: Timestamp) -> Duration {
        .seconds(secondsSinceEpoch - earlier.secondsSinceEpoch)
            + .nanoseconds(Int64(nanoseconds) - Int64(earlier.nanoseconds))
    }
}
