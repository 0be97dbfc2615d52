/// A non-negative decimal number with an optional unit behind it, such as `10s`, `1.5MiB` or `240`, as whole multiples
/// of the smallest unit.
struct DecimalQuantity {
    /// A unit and how many of the smallest unit it is.
    struct Unit {
        let symbol: String
        let factor: Int
    }

    /// Milliseconds in the units of durations.
    static let durations = [
        Unit(symbol: "h", factor: 3_600_000), Unit(symbol: "m", factor: 60_000),
        Unit(symbol: "s", factor: 1000),
        Unit(symbol: "ms", factor: 1),
    ]

    /// Bytes in the units of sizes.
    static let sizes = [
        Unit(symbol: "GiB", factor: 1 << 30), Unit(symbol: "MiB", factor: 1 << 20),
        Unit(symbol: "KiB", factor: 1 << 10), Unit(symbol: "B", factor: 1),
    ]

    /// The number that `text` says, or nil when it says none, uses another unit, is too large for 64 bits or is no
    /// whole multiple of the smallest unit.
    ///
    /// - Parameter plain: the factor of a number without a unit.
    static func parse(_ text: String, units: [Unit], plain: Int) -> Int? {
        let bytes = Array(text.utf8)
        let numberLength = bytes.prefix { isDigit($0) || $0 == UInt8(ascii: ".") }.count
        let symbol = String(decoding: bytes.dropFirst(numberLength), as: UTF8.self)
        let factor = symbol.isEmpty ? plain : units.first { $0.symbol == symbol }?.factor
        guard let factor else { return nil }
        let parts = bytes.prefix(numberLength).split(
            separator: UInt8(ascii: "."),
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        guard let whole = parts.first.flatMap(number), let scaled = product(whole, factor) else { return nil }
        guard parts.count == 2 else { return scaled }
        let fraction = parts[1]
        guard fraction.count <= 12, let numerator = number(fraction) else { return nil }
        let denominator = fraction.reduce(1) { result, _ in result * 10 }
        guard let part = product(numerator, factor), part % denominator == 0 else { return nil }
        let (sum, overflow) = scaled.addingReportingOverflow(part / denominator)
        return overflow ? nil : sum
    }

    /// The shortest text with a unit that says `amount`.
    static func text(_ amount: Int, units: [Unit]) -> String {
        guard amount != 0, let unit = units.first(where: { amount % $0.factor == 0 }) else {
            return "0" + (units.contains { $0.symbol == "s" } ? "s" : "B")
        }
        return "\(amount / unit.factor)\(unit.symbol)"
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        digits.allSatisfy(isDigit) ? Int(String(decoding: digits, as: UTF8.self)) : nil
    }

    private static func product(_ left: Int, _ right: Int) -> Int? {
        let (product, overflow) = left.multipliedReportingOverflow(by: right)
        return overflow ? nil : product
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
