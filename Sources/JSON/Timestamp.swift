#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A point in time in UTC, to the nanosecond, without leap seconds (POSIX time).
///
/// It covers the years 0000 to 9999, which is what RFC 3339 can write; a time outside is moved to the nearest end.
public struct Timestamp: Sendable, Hashable {
    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    public let secondsSinceEpoch: Int64
    /// Nanoseconds since the whole second, 0 to 999,999,999.
    public let nanoseconds: Int32

    /// The time that many seconds and nanoseconds after 1970-01-01T00:00:00Z. `nanoseconds` may be any number,
    /// negative ones and those of more than a second included.
    public init(secondsSinceEpoch: Int64, nanoseconds: Int64 = 0) {
        let carry = nanoseconds.floorDivided(by: Self.nanosecondsPerSecond)
        let (seconds, overflow) = secondsSinceEpoch.addingReportingOverflow(carry)
        if (overflow && carry < 0) || (!overflow && seconds < Self.earliestSecond) {
            self.secondsSinceEpoch = Self.earliestSecond
            self.nanoseconds = 0
        } else if overflow || seconds > Self.latestSecond {
            self.secondsSinceEpoch = Self.latestSecond
            self.nanoseconds = Int32(Self.nanosecondsPerSecond - 1)
        } else {
            self.secondsSinceEpoch = seconds
            self.nanoseconds = Int32(nanoseconds - carry * Self.nanosecondsPerSecond)
        }
    }

    /// The current time by the system clock.
    public static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(secondsSinceEpoch: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
    }

    /// Whole milliseconds since 1970-01-01T00:00:00Z, rounded down.
    public var millisecondsSinceEpoch: Int64 {
        secondsSinceEpoch * 1000 + Int64(nanoseconds / 1_000_000)
    }

    /// The seconds from `earlier` to this time, negative when this is the earlier one.
    public func seconds(since earlier: Timestamp) -> Double {
        Double(secondsSinceEpoch - earlier.secondsSinceEpoch) + Double(nanoseconds - earlier.nanoseconds)
            / 1e9
    }

    /// The date and the time of day.
    var civil: (date: CivilDate, secondOfDay: Int64) {
        let days = secondsSinceEpoch.floorDivided(by: Self.secondsPerDay)
        return (CivilDate(daysSinceEpoch: days), secondsSinceEpoch - days * Self.secondsPerDay)
    }

    static let secondsPerDay: Int64 = 86_400
    private static let nanosecondsPerSecond: Int64 = 1_000_000_000
    /// 0000-01-01T00:00:00Z.
    private static let earliestSecond: Int64 = -62_167_219_200
    /// 9999-12-31T23:59:59Z.
    private static let latestSecond: Int64 = 253_402_300_799
}

extension Timestamp: Comparable {
    /// Whether `left` is the earlier time.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.secondsSinceEpoch, left.nanoseconds) < (right.secondsSinceEpoch, right.nanoseconds)
    }
}

extension Timestamp: CustomStringConvertible {
    /// The time in RFC 3339 form with milliseconds, such as `2026-11-21T04:50:44.123Z`.
    public var description: String {
        var text: [UInt8] = []
        appendRFC3339(to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}
