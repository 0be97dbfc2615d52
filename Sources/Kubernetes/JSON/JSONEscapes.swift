internal import JSON

/// The text that stands between the quotes of a JSON string, its escapes resolved. Half of a surrogate pair, which is no
/// character, becomes U+FFFD.
func unescapedJSON(_ text: String) -> String {
    if let value = try? JSONValue(parsing: "\"\(text)\"").stringValue { return value }
    var result: [UInt16] = []
    var units = text.utf16.makeIterator()
    while let unit = units.next() {
        guard unit == 0x5C, let escape = units.next() else {
            result.append(unit)
            continue
        }
        switch escape {
        case 0x62: result.append(0x08)
        case 0x66: result.append(0x0C)
        case 0x6E: result.append(0x0A)
        case 0x72: result.append(0x0D)
        case 0x74: result.append(0x09)
        case 0x75:
            var value: UInt16 = 0
            for _ in 0..<4 {
                let digit = units.next().flatMap(Unicode.Scalar.init).flatMap { Character($0).hexDigitValue }
                value = value << 4 | UInt16(digit ?? 0)
            }
            result.append(value)
        default: result.append(escape)
        }
    }
    return String(decoding: result, as: UTF16.self)
}
