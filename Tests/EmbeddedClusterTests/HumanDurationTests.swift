import JSON
import Testing

@testable import EmbeddedCluster

struct HumanDurationTests {
    @Test(
        "a duration has the units that matter at its length",
        arguments: [
            (-5, "<invalid>"), (-1, "0s"), (0, "0s"), (5, "5s"), (119, "119s"), (120, "2m"), (130, "2m10s"),
            (599, "9m59s"), (600, "10m"), (10_799, "179m"), (10_800, "3h"), (11_100, "3h5m"),
            (28_799, "7h59m"),
            (28_860, "8h"), (172_799, "47h"), (172_800, "2d"), (352_800, "4d2h"), (691_199, "7d23h"),
            (691_200, "8d"), (63_071_999, "729d"), (63_072_000, "2y"), (65_664_000, "2y30d"),
            (252_288_000, "8y"), (283_824_000, "9y"),
        ] as [(Int64, String)]
    )
    func forms(_ seconds: Int64, _ text: String) {
        #expect(HumanDuration.text(seconds: seconds) == text)
    }

    @Test("an absent or malformed time is unknown")
    func unknown() {
        let now = Timestamp(secondsSinceEpoch: 1_000_000)
        #expect(HumanDuration.text(since: nil, now: now) == "<unknown>")
        #expect(HumanDuration.text(since: "yesterday", now: now) == "<unknown>")
        #expect(HumanDuration.text(since: "1970-01-12T13:46:35Z", now: now) == "5s")
    }
}
