/// Numbers as text, appended to bytes without a string in between.
enum Decimal {
    /// Appends `value` in base 10.
    static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        if value < 10 {
            bytes.append(0x30 &+ UInt8(truncatingIfNeeded: value))
            return
        }
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var first = 20
        var rest = value
        while rest > 0 {
            first &-= 1
            digits[first] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        for index in first..<20 { bytes.append(digits[index]) }
    }

    /// Sets `digits` to both values in base 16, 16 digits each, in lower case.
    static func hexadecimalDigits(_ high: UInt64, _ low: UInt64, into digits: inout InlineArray<32, UInt8>) {
        for index in 0..<16 {
            let shift = UInt64(60 &- index &* 4)
            digits[index] = hexadecimalDigit(high &>> shift)
            digits[index &+ 16] = hexadecimalDigit(low &>> shift)
        }
    }

    @inline(__always)
    private static func hexadecimalDigit(_ value: UInt64) -> UInt8 {
        let digit = UInt8(truncatingIfNeeded: value & 0xF)
        return digit < 10 ? 0x30 &+ digit : 0x57 &+ digit
    }

    /// Appends `value` in base 16, in lower case, without leading zeros.
    static func appendHexadecimal(_ value: UInt64, to bytes: inout [UInt8]) {
        let count = max(1, (64 - value.leadingZeroBitCount + 3) / 4)
        appendHexadecimal(value, digits: count, to: &bytes)
    }

    /// Appends the low `digits` digits of `value` in base 16, in lower case.
    static func appendHexadecimal(_ value: UInt64, digits: Int, to bytes: inout [UInt8]) {
        var shift = digits * 4
        while shift > 0 {
            shift -= 4
            bytes.append(hexadecimalDigit(value &>> UInt64(shift)))
        }
    }
}
