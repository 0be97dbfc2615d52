import Testing

@testable import KubernetesModel

struct QuantityTests {
    @Test(
        "a quantity is read exactly, whatever its suffix",
        arguments: [
            ("1", 1_000_000_000), ("500m", 500_000_000), ("0.5", 500_000_000), ("1.5k", 1_500_000_000_000),
            ("1Ki", 1_024_000_000_000), ("80Gi", 85_899_345_920_000_000_000), ("1e3", 1_000_000_000_000),
            ("100n", 100), ("2u", 2000), ("-3m", -3_000_000), ("+.25", 250_000_000), ("5.", 5_000_000_000),
            ("0.1Ki", 102_400_000_000), ("1E", 1_000_000_000_000_000_000_000_000_000),
        ] as [(String, Int128)]
    )
    func reads(text: String, nano: Int128) {
        #expect(Quantity(text)?.nano == nano)
    }

    @Test(
        "text that is no quantity is refused",
        arguments: ["", "-", ".", "1 Gi", "Gi", "1gi", "1e", "0x10", "1..2", "1KiB", "1e999", "∞"]
    )
    func refuses(text: String) {
        #expect(Quantity(text) == nil)
    }

    @Test("units and thousandths are rounded up, since a request must not shrink")
    func roundsUp() {
        #expect(Quantity("1500m")?.units == 2)
        #expect(Quantity("1u")?.milli == 1)
        #expect(Quantity("0.0000000001")?.nano == 1)
    }

    @Test("an amount beyond 64 bits is cut to the largest")
    func saturates() {
        #expect(Quantity("100E")?.units == Int64.max)
        #expect(Quantity("16Ei")?.units == Int64.max)
    }

    @Test("amounts are written in the form that suits them")
    func writes() {
        #expect(Quantity("2000m")?.description == "2")
        #expect(Quantity("1.5")?.description == "1500m")
        #expect(Quantity("81920Mi")?.binaryText == "80Gi")
        #expect(Quantity("1001")?.binaryText == "1001")
    }

    @Test("sums and differences are exact")
    func adds() throws {
        let sum = try #require(Quantity("100m")) + #require(Quantity("1Ki"))
        #expect(sum.milli == 1_024_100)
        #expect((sum - Quantity(1024)).description == "100m")
    }
}
