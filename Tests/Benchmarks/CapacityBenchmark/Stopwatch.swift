import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Measures what takes microseconds, many times over, in processor time: the work waits for nothing, and what else runs on the
/// machine does not count.
///
/// Between the repetitions the same small piece of work is measured, the floor, so that figures of machines, and of moments at
/// which a machine was busy, can be compared.
struct Stopwatch {
    /// What was measured, in microseconds.
    struct Figures {
        /// The median of the repetitions.
        let median: Double
        /// The shortest of them.
        let shortest: Double
    }

    /// What work has come to, so that no compiler leaves it out.
    private static let seen = Atomic(0)

    private var floors: [Double] = []
    /// What the floor sorts.
    private let numbers: [UInt64] = (0..<1000).map { ($0 &+ 1) &* 0x9E37_79B9_7F4A_7C15 }

    /// The floor: sorting 1,000 numbers, microseconds.
    var floor: Double { Self.median(floors) }

    /// Measures a piece of work.
    ///
    /// - Parameters:
    ///   - repetitions: how often it is done.
    ///   - operations: of how many equal ones it consists; the figures are of one.
    ///   - work: gives a number that depends on what was done, so that it is done.
    mutating func measure(
        repetitions: Int,
        operations: Int = 1,
        _ work: () throws -> Int
    ) rethrows -> Figures {
        var times: [Double] = []
        var witness = try work()
        for _ in 0..<repetitions {
            let start = Self.now()
            witness &+= try work()
            times.append((Self.now() - start) / Double(operations))
        }
        let start = Self.now()
        witness &+= Int(truncatingIfNeeded: numbers.sorted().first ?? 0)
        floors.append((Self.now() - start))
        Self.seen.wrappingAdd(witness, ordering: .relaxed)
        return Figures(median: Self.median(times), shortest: times.min() ?? 0)
    }

    static func median(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
    }

    /// The processor time of this thread, microseconds.
    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
    }
}
