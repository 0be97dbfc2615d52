extension Timestamp {
    /// Appends the time in RFC 3339 form, UTC, with exactly three fraction digits (rounded down):
    /// `2026-11-21T04:50:44.123Z`.
    public func appendRFC3339(to bytes: inout [UInt8]) {
        let (date, secondOfDay) = civil
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { text in
            text.store(date.year, digits: 4, at: 0)
            text[4] = 0x2D
            text.store(date.month, digits: 2, at: 5)
            text[7] = 0x2D
            text.store(date.day, digits: 2, at: 8)
            text[10] = 0x54
            text.store(timeOfDay: secondOfDay, at: 11)
            text[19] = 0x2E
            text.store(Int64(nanoseconds) / 1_000_000, digits: 3, at: 20)
            text[23] = 0x5A
            bytes.append(contentsOf: text)
        }
    }

    /// Reads a time in RFC 3339 form: any offset, any number of fraction digits (those beyond nanoseconds are
    /// dropped), `T`, `t` or a space between date and time. A leap second (23:59:60 UTC) becomes the second after
    /// it. Anything else gives nil.
    public init?(rfc3339 text: String) {
        var text = text
        let parsed = text.withUTF8 { RFC3339Reader(text: UnsafeRawBufferPointer($0)).read() }
        guard let parsed else { return nil }
        self = parsed
    }
}

/// Reads the date-time production of RFC 3339, section 5.6.
private struct RFC3339Reader {
    let text: UnsafeRawBufferPointer
    var index = 0

    init(text: UnsafeRawBufferPointer) {
        self.text = text
    }

    consuming func read() -> Timestamp? {
        guard let year = digits(4), skip(0x2D), let month = digits(2), skip(0x2D), let day = digits(2),
            skip(0x54) || skip(0x74) || skip(0x20),
            let hour = digits(2), skip(0x3A), let minute = digits(2), skip(0x3A), let second = digits(2),
            let nanoseconds = fraction(), let offset = offset(), index == text.count
        else { return nil }
        let date = CivilDate(year: year, month: month, day: day)
        guard (1...12).contains(month), (1...date.daysInMonth).contains(day), hour < 24, minute < 60,
            second <= 60
        else { return nil }
        let seconds =
            date.daysSinceEpoch * Timestamp.secondsPerDay + hour * 3600 + minute * 60 + second - offset
        if second == 60, seconds % Timestamp.secondsPerDay != 0 { return nil }
        return Timestamp(secondsSinceEpoch: seconds, nanoseconds: second == 60 ? 0 : nanoseconds)
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard index < text.count, text[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func digit() -> Int64? {
        guard index < text.count, (0x30...0x39).contains(text[index]) else { return nil }
        defer { index += 1 }
        return Int64(text[index] - 0x30)
    }

    private mutating func digits(_ count: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<count {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    private mutating func fraction() -> Int64? {
        guard skip(0x2E) else { return 0 }
        guard var unit = digit().map({ _ in Int64(100_000_000) }) else { return nil }
        index -= 1
        var nanoseconds: Int64 = 0
        while let digit = digit() {
            nanoseconds += digit * unit
            unit /= 10
        }
        return nanoseconds
    }

    /// Seconds east of UTC.
    private mutating func offset() -> Int64? {
        if skip(0x5A) || skip(0x7A) { return 0 }
        let sign: Int64
        if skip(0x2B) {
            sign = 1
        } else if skip(0x2D) {
            sign = -1
        } else {
            return nil
        }
        guard let hours = digits(2), skip(0x3A), let minutes = digits(2), hours < 24, minutes < 60 else {
            return nil
        }
        return sign * (hours * 3600 + minutes * 60)
    }
}

extension UnsafeMutableBufferPointer<UInt8> {
    /// Stores the lowest decimal digits of a number that is not negative.
    func store(_ value: Int64, digits: Int, at offset: Int) {
        var rest = value
        var index = offset + digits
        while index > offset {
            index -= 1
            self[index] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }

    /// Stores `HH:MM:SS`.
    func store(timeOfDay second: Int64, at offset: Int) {
        store(second / 3600, digits: 2, at: offset)
        self[offset + 2] = 0x3A
        store(second / 60 % 60, digits: 2, at: offset + 3)
        self[offset + 5] = 0x3A
        store(second % 60, digits: 2, at: offset + 6)
    }
}
