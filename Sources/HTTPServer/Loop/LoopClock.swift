import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A loop's view of time: a monotonic clock for deadlines and durations, and the `Date` header, made once a second.
struct LoopClock {
    /// Monotonic nanoseconds as of the last `refresh`.
    private(set) var now: UInt64
    private var dateSecond: UInt64 = .max
    private var date: [UInt8] = []

    init() {
        now = Self.monotonic()
    }

    /// Monotonic nanoseconds.
    @inline(__always)
    static func monotonic() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(bitPattern: Int64(time.tv_sec)) &* 1_000_000_000
            &+ UInt64(bitPattern: Int64(time.tv_nsec))
    }

    mutating func refresh() {
        now = Self.monotonic()
    }

    /// Appends `Date: …` and CR LF, RFC 9110 §6.6.1.
    mutating func appendDateField(to bytes: inout [UInt8]) {
        // The monotonic second tells when to look at the wall clock again; the two tick at most a second apart.
        let second = now / 1_000_000_000
        if second != dateSecond {
            dateSecond = second
            date.removeAll(keepingCapacity: true)
            date.append(contentsOf: "Date: ".utf8)
            Timestamp.now().appendHTTPDate(to: &date)
            date.append(contentsOf: [0x0D, 0x0A])
        }
        bytes.append(contentsOf: date)
    }
}
