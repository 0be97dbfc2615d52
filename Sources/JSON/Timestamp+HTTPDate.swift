extension Timestamp {
    /// Appends the time as an HTTP date in its preferred form (IMF-fixdate, RFC 9110, section 5.6.7), such as
    /// `Sun, 06 Nov 1994 08:49:37 GMT`; always 29 bytes.
    public func appendHTTPDate(to bytes: inout [UInt8]) {
        let (date, secondOfDay) = civil
        // 1970-01-01 was a Thursday.
        let days = secondsSinceEpoch.floorDivided(by: Self.secondsPerDay) + 4
        let weekday = days - days.floorDivided(by: 7) * 7
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 29) { text in
            text.store(Self.weekdays, entry: weekday, at: 0)
            text[3] = 0x2C
            text[4] = 0x20
            text.store(date.day, digits: 2, at: 5)
            text[7] = 0x20
            text.store(Self.months, entry: date.month - 1, at: 8)
            text[11] = 0x20
            text.store(date.year, digits: 4, at: 12)
            text[16] = 0x20
            text.store(timeOfDay: secondOfDay, at: 17)
            text[25] = 0x20
            text[26] = 0x47
            text[27] = 0x4D
            text[28] = 0x54
            bytes.append(contentsOf: text)
        }
    }

    /// The time as an HTTP date; see ``appendHTTPDate(to:)``.
    public var httpDate: String {
        var text: [UInt8] = []
        appendHTTPDate(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private static var weekdays: StaticString { "SunMonTueWedThuFriSat" }
    private static var months: StaticString { "JanFebMarAprMayJunJulAugSepOctNovDec" }
}

extension UnsafeMutableBufferPointer<UInt8> {
    /// Stores the entry with that index of a table of three-letter names.
    fileprivate func store(_ table: StaticString, entry: Int64, at offset: Int) {
        table.withUTF8Buffer { names in
            for letter in 0..<3 { self[offset + letter] = names[Int(entry) * 3 + letter] }
        }
    }
}
