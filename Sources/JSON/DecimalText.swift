extension [UInt8] {
    /// Appends the bytes of a string literal.
    @inlinable
    package mutating func append(literal: StaticString) {
        literal.withUTF8Buffer { append(contentsOf: $0) }
    }

    /// Appends the UTF-8 bytes of a string.
    @inlinable
    package mutating func append(text: String) {
        var text = text
        text.withUTF8 { append(contentsOf: $0) }
    }

    /// Appends an integer in decimal.
    package mutating func append(decimal value: Int64) {
        if value < 0 { append(0x2D) }
        append(decimal: value.magnitude)
    }

    /// Appends an integer in decimal.
    package mutating func append(decimal value: UInt64) {
        if value < 10 {
            append(0x30 + UInt8(truncatingIfNeeded: value))
            return
        }
        // UInt64.max has 20 digits.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = value
            var start = 20
            repeat {
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                start -= 1
                digits[start] = 0x30 + UInt8(truncatingIfNeeded: digit)
                rest = quotient
            } while rest > 0
            append(contentsOf: UnsafeBufferPointer(rebasing: digits[start...]))
        }
    }

    /// Appends the lowest `width` decimal digits of `value`, with leading zeros.
    package mutating func append(decimal value: UInt64, width: Int) {
        var divisor: UInt64 = 1
        for _ in 1..<Swift.max(width, 1) { divisor &*= 10 }
        while divisor > 0 {
            append(0x30 + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }

    /// Appends the shortest decimal text that reads back as the same number.
    ///
    /// `value` must be finite. The text always has a fraction or an exponent, so that a reader which tells integers
    /// from other numbers reads back the kind that was written.
    package mutating func append(shortest value: Double) {
        // A decimal of at most 15 significant digits is the only such decimal near its double, and dividing two
        // exactly held integers rounds correctly; so when the division gives the value back, its digits, less the
        // trailing zeros, are the shortest text. This covers durations, ratios and prices without a String.
        let scaled = (value * 1e6).rounded()
        if scaled.magnitude < 1e15, scaled / 1e6 == value, scaled != 0 {
            if value < 0 { append(0x2D) }
            let (whole, fraction) = UInt64(scaled.magnitude).quotientAndRemainder(dividingBy: 1_000_000)
            append(decimal: whole)
            append(0x2E)
            append(decimal: fraction, width: 6)
            for _ in 0..<5 {
                guard last == 0x30 else { break }
                removeLast()
            }
            return
        }
        append(text: value.description)
    }

    /// Appends a number with exactly `decimals` (0 to 9) fraction digits, rounded half away from zero.
    ///
    /// A number that is not finite or whose magnitude is 10⁹ or more is written as by ``append(shortest:)``, or as
    /// `NaN`, `Inf` or `-Inf`.
    package mutating func append(fixed value: Double, decimals: Int) {
        guard value.isFinite else {
            append(literal: value.isNaN ? "NaN" : value < 0 ? "-Inf" : "Inf")
            return
        }
        guard value.magnitude < 1e9 else {
            append(shortest: value)
            return
        }
        let decimals = Swift.min(Swift.max(decimals, 0), 9)
        var scale: UInt64 = 1
        for _ in 0..<decimals { scale *= 10 }
        let scaled = UInt64((value.magnitude * Double(scale)).rounded(.toNearestOrAwayFromZero))
        if value < 0, scaled > 0 { append(0x2D) }
        let (whole, fraction) = scaled.quotientAndRemainder(dividingBy: scale)
        append(decimal: whole)
        if decimals > 0 {
            append(0x2E)
            append(decimal: fraction, width: decimals)
        }
    }
}
