import JSON
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            (0, 0, "1970-01-01T00:00:00.000Z"),
            (-1, 999_999_999, "1969-12-31T23:59:59.999Z"),
            (951_782_399, 0, "2000-02-28T23:59:59.000Z"),
            (951_782_400, 0, "2000-02-29T00:00:00.000Z"),
            (951_868_800, 0, "2000-03-01T00:00:00.000Z"),
            (1_709_164_800, 1_999_999, "2024-02-29T00:00:00.001Z"),
            (4_107_542_399, 0, "2100-02-28T23:59:59.000Z"),
            (4_107_542_400, 0, "2100-03-01T00:00:00.000Z"),
            (-2_203_891_200, 0, "1900-03-01T00:00:00.000Z"),
            (253_402_300_799, 999_000_000, "9999-12-31T23:59:59.999Z"),
            (-62_167_219_200, 0, "0000-01-01T00:00:00.000Z"),
        ] as [(Int64, Int64, String)]
    )
    func `a time is written in RFC 3339 form and reads back`(seconds: Int64, nanoseconds: Int64, text: String)
    {
        let time = Timestamp(secondsSinceEpoch: seconds, nanoseconds: nanoseconds)
        #expect(time.description == text)
        #expect(jsonText { $0.timestamp(time) } == "\"\(text)\"")
        let read = Timestamp(rfc3339: text)
        #expect(read?.secondsSinceEpoch == seconds)
        #expect(read?.description == text)
    }

    @Test func `every day of 800 years follows the day before`() throws {
        var year = 1600
        var month = 1
        var day = 1
        let first = try #require(Timestamp(rfc3339: "1600-01-01T12:00:00Z"))
        func padded(_ number: Int, _ width: Int) -> String {
            String(repeating: "0", count: width - String(number).count) + String(number)
        }
        for index in 0..<292_194 {
            let time = Timestamp(secondsSinceEpoch: first.secondsSinceEpoch + Int64(index) * 86_400)
            let expected = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T12:00:00.000Z"
            if time.description != expected || Timestamp(rfc3339: expected) != time {
                Issue.record("\(time) is not \(expected)")
                return
            }
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            day += 1
            if day > lengths[month - 1] {
                (day, month) = (1, month + 1)
                if month > 12 { (month, year) = (1, year + 1) }
            }
        }
        #expect(year == 2400)
    }

    @Test(arguments: [
        ("1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("1969-12-31T23:59:59Z", "Wed, 31 Dec 1969 23:59:59 GMT"),
        ("2024-02-29T12:30:05.999Z", "Thu, 29 Feb 2024 12:30:05 GMT"),
        ("2100-03-01T00:00:00Z", "Mon, 01 Mar 2100 00:00:00 GMT"),
        ("2026-11-21T04:50:44.123Z", "Sat, 21 Nov 2026 04:50:44 GMT"),
    ])
    func `an HTTP date is an IMF-fixdate`(time: String, date: String) throws {
        let time = try #require(Timestamp(rfc3339: time))
        #expect(time.httpDate == date)
        var bytes: [UInt8] = Array("Date: ".utf8)
        time.appendHTTPDate(to: &bytes)
        #expect(bytes == Array("Date: \(date)".utf8))
    }

    @Test(
        arguments: [
            ("2026-11-21T04:50:44.123456789Z", 123_456_789, "2026-11-21T04:50:44.123Z"),
            ("2026-11-21t04:50:44z", 0, "2026-11-21T04:50:44.000Z"),
            ("2026-11-21 04:50:44.5+02:00", 500_000_000, "2026-11-21T02:50:44.500Z"),
            ("2026-12-31T23:30:00-01:45", 0, "2027-01-01T01:15:00.000Z"),
            ("2016-12-31T23:59:60Z", 0, "2017-01-01T00:00:00.000Z"),
            ("2017-01-01T01:59:60.7+02:00", 0, "2017-01-01T00:00:00.000Z"),
            ("2026-11-21T04:50:44.1234567890123Z", 123_456_789, "2026-11-21T04:50:44.123Z"),
        ] as [(String, Int32, String)]
    )
    func `offsets, fractions and leap seconds are read`(text: String, nanoseconds: Int32, expected: String)
        throws
    {
        let time = try #require(Timestamp(rfc3339: text))
        #expect(time.nanoseconds == nanoseconds)
        #expect(time.description == expected)
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-11-21T04:50:44", "2026-11-21T04:50Z", "2026-11-21T04:50:44.Z",
        "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z", "2026-01-01T12:00:60Z", "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00Zx", "26-01-01T00:00:00Z",
        "2026-01-01T00:00:00.+01:00",
        "２026-01-01T00:00:00Z",
    ])
    func `what is not an RFC 3339 time is refused`(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func `nanoseconds carry into seconds and the range is kept`() {
        let carried = Timestamp(secondsSinceEpoch: 10, nanoseconds: -1)
        #expect(carried.secondsSinceEpoch == 9)
        #expect(carried.nanoseconds == 999_999_999)
        #expect(carried.millisecondsSinceEpoch == 9_999)
        #expect(
            Timestamp(secondsSinceEpoch: 1, nanoseconds: 2_500_000_000).description
                == "1970-01-01T00:00:03.500Z"
        )
        #expect(
            Timestamp(secondsSinceEpoch: .max, nanoseconds: .max).description == "9999-12-31T23:59:59.999Z"
        )
        #expect(
            Timestamp(secondsSinceEpoch: .min, nanoseconds: .min).description == "0000-01-01T00:00:00.000Z"
        )
        #expect(Timestamp(secondsSinceEpoch: .max, nanoseconds: -1).description == "9999-12-31T23:59:59.999Z")
    }

    @Test func `times compare and subtract`() {
        let early = Timestamp(secondsSinceEpoch: 100, nanoseconds: 900_000_000)
        let late = Timestamp(secondsSinceEpoch: 102, nanoseconds: 400_000_000)
        #expect(early < late)
        #expect(late.seconds(since: early) == 1.5)
        #expect(early.seconds(since: late) == -1.5)
        #expect(Timestamp.now() > Timestamp(secondsSinceEpoch: 1_700_000_000))
    }
}
