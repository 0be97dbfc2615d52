/// An amount of a resource: `500m`, `80Gi`, `1e3`. Exact to a billionth, as Kubernetes keeps it.
///
/// The grammar is that of apimachinery's `resource.Quantity`: a decimal number followed by nothing, a binary suffix (`Ki` to
/// `Ei`), a decimal suffix (`n`, `u`, `m`, `k`, `M`, `G`, `T`, `P`, `E`) or an exponent.
public struct Quantity: Sendable, Hashable, Comparable {
    /// The amount in billionths. Amounts beyond 2^63 whole units are cut to that, as upstream does.
    public let nano: Int128

    static let nanoPerUnit: Int128 = 1_000_000_000
    private static let limit = Int128(Int64.max) * nanoPerUnit

    /// Nothing.
    public static let zero = Quantity(nano: 0)

    init(nano: Int128) {
        self.nano = min(max(nano, -Self.limit), Self.limit)
    }

    /// That many whole units.
    public init(_ units: Int64) {
        self.init(nano: Int128(units) * Self.nanoPerUnit)
    }

    /// That many thousandths.
    public init(milli: Int64) {
        self.init(nano: Int128(milli) * (Self.nanoPerUnit / 1000))
    }

    /// Reads a quantity; nil when the text is none. A fraction finer than a billionth is rounded up.
    public init?(_ text: String) {
        var text = text
        let parsed = text.withUTF8 { QuantityReader(bytes: $0).read() }
        guard let parsed else { return nil }
        self.init(nano: parsed)
    }

    /// Whole units, rounded up.
    public var units: Int64 { Self.roundedUp(nano, by: Self.nanoPerUnit) }
    /// Thousandths, rounded up.
    public var milli: Int64 { Self.roundedUp(nano, by: Self.nanoPerUnit / 1000) }

    private static func roundedUp(_ value: Int128, by unit: Int128) -> Int64 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: unit)
        return Int64(clamping: remainder > 0 ? quotient + 1 : quotient)
    }

    /// The sum.
    public static func + (left: Quantity, right: Quantity) -> Quantity {
        Quantity(nano: left.nano + right.nano)
    }

    /// The difference, which may be negative.
    public static func - (left: Quantity, right: Quantity) -> Quantity {
        Quantity(nano: left.nano - right.nano)
    }

    /// Adds to the left one.
    public static func += (left: inout Quantity, right: Quantity) { left = left + right }
    /// Subtracts from the left one.
    public static func -= (left: inout Quantity, right: Quantity) { left = left - right }

    /// Orders by amount.
    public static func < (left: Quantity, right: Quantity) -> Bool { left.nano < right.nano }
}

extension Quantity: CustomStringConvertible {
    /// The shortest decimal form: `2`, `500m`, `1500u`; never an exponent.
    public var description: String { decimalText }

    /// With the largest decimal suffix below the unit that leaves no fraction: `2`, `500m`.
    public var decimalText: String {
        for (suffix, unit) in [("", Self.nanoPerUnit), ("m", 1_000_000), ("u", 1000)]
        where nano % unit == 0 {
            return "\(nano / unit)\(suffix)"
        }
        return "\(nano)n"
    }

    /// With the largest binary suffix that leaves no fraction: `80Gi`, `512Mi`, `1000`.
    public var binaryText: String {
        guard nano != 0, nano % Self.nanoPerUnit == 0 else { return decimalText }
        var value = nano / Self.nanoPerUnit
        var suffix = ""
        for next in ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] {
            guard value % 1024 == 0 else { break }
            value /= 1024
            suffix = next
        }
        return "\(value)\(suffix)"
    }
}

/// Reads the grammar of quantities from UTF-8.
private struct QuantityReader {
    let bytes: UnsafeBufferPointer<UInt8>

    /// Enough for the largest amount with all its billionths.
    private static let mostDigits = 30

    /// Billionths, or nil.
    func read() -> Int128? {
        var index = 0
        var isNegative = false
        if let sign = bytes.first, sign == 0x2B || sign == 0x2D {
            isNegative = sign == 0x2D
            index = 1
        }
        var mantissa: Int128 = 0
        var digits = 0
        var significant = 0
        var fractionDigits = 0
        var inFraction = false
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x2E, !inFraction {
                inFraction = true
            } else if (0x30...0x39).contains(byte) {
                digits += 1
                if mantissa != 0 || byte != 0x30 { significant += 1 }
                guard significant <= Self.mostDigits else { return nil }
                mantissa = mantissa * 10 + Int128(byte - 0x30)
                if inFraction { fractionDigits += 1 }
            } else {
                break
            }
            index += 1
        }
        guard digits > 0, fractionDigits <= Self.mostDigits,
            let scale = scale(of: bytes[index...])
        else { return nil }
        let amount = scaled(mantissa, by: scale, fractionDigits: fractionDigits)
        return isNegative ? -amount : amount
    }

    private enum Scale {
        case decimal(Int)
        case binary(Int)
    }

    private func scale(of suffix: Slice<UnsafeBufferPointer<UInt8>>) -> Scale? {
        switch String(decoding: suffix, as: UTF8.self) {
        case "": return .decimal(0)
        case "n": return .decimal(-9)
        case "u": return .decimal(-6)
        case "m": return .decimal(-3)
        case "k": return .decimal(3)
        case "M": return .decimal(6)
        case "G": return .decimal(9)
        case "T": return .decimal(12)
        case "P": return .decimal(15)
        case "E": return .decimal(18)
        case "Ki": return .binary(10)
        case "Mi": return .binary(20)
        case "Gi": return .binary(30)
        case "Ti": return .binary(40)
        case "Pi": return .binary(50)
        case "Ei": return .binary(60)
        case let text:
            guard let first = text.utf8.first, first == 0x65 || first == 0x45,
                let exponent = Int(text.dropFirst()), (-40...40).contains(exponent)
            else { return nil }
            return .decimal(exponent)
        }
    }

    private func scaled(_ mantissa: Int128, by scale: Scale, fractionDigits: Int) -> Int128 {
        var value = mantissa
        var power = 9 - fractionDigits
        switch scale {
        case .decimal(let exponent): power += exponent
        case .binary(let shift): value = saturated(value, times: 1 << Int128(shift))
        }
        while power > 0, value != 0 {
            value = saturated(value, times: 10)
            power -= 1
        }
        var remainder: Int128 = 0
        while power < 0, value != 0 {
            let step = value.quotientAndRemainder(dividingBy: 10)
            value = step.quotient
            remainder |= step.remainder
            power += 1
        }
        if power < 0 { remainder |= mantissa }
        return remainder == 0 ? value : value + 1
    }

    private func saturated(_ value: Int128, times factor: Int128) -> Int128 {
        let (product, overflow) = value.multipliedReportingOverflow(by: factor)
        return overflow ? Int128.max / 4 : product
    }
}
