/// Membership tests for the byte classes that RFC 9110, RFC 9112 and RFC 3986 name.
///
/// Each class is a 128-bit set held in two literals, so a test is a shift and a mask: no table in memory.
@usableFromInline
enum ByteClass {
    /// `tchar`, RFC 9110 §5.6.2: what a method and a field name consist of.
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool {
        contains(byte, low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE)
    }

    /// `pchar` and `/`, RFC 3986 §3.3: what a path consists of, `%` included.
    @inline(__always)
    static func isPath(_ byte: UInt8) -> Bool {
        contains(byte, low: 0x2FFF_FFF2_0000_0000, high: 0x47FF_FFFE_87FF_FFFF)
    }

    /// What a query may consist of: RFC 3986 §3.4 and, beyond it, ``[ ] { } | ^ ` \``, which the WHATWG URL
    /// serialiser that browsers use leaves as they are.
    @inline(__always)
    static func isQuery(_ byte: UInt8) -> Bool {
        contains(byte, low: 0xAFFF_FFF2_0000_0000, high: 0x7FFF_FFFF_FFFF_FFFF)
    }

    /// What `reg-name` consists of, RFC 3986 §3.2.2, `%` included.
    @inline(__always)
    static func isRegisteredName(_ byte: UInt8) -> Bool {
        contains(byte, low: 0x2BFF_7FF2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE)
    }

    /// `field-vchar`, `SP` and `HTAB`, RFC 9110 §5.5: `obs-text` allowed, control bytes and DEL not.
    @inline(__always)
    static func isFieldValue(_ byte: UInt8) -> Bool {
        (byte >= 0x20 && byte != 0x7F) || byte == 0x09
    }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10
    }

    /// The value of a hexadecimal digit, or nil.
    @inline(__always)
    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte &- 0x30
        case 0x41...0x46: byte &- 0x37
        case 0x61...0x66: byte &- 0x57
        default: nil
        }
    }

    /// ASCII upper case folded to lower case; other bytes unchanged.
    @inline(__always)
    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    @inline(__always)
    private static func contains(_ byte: UInt8, low: UInt64, high: UInt64) -> Bool {
        guard byte < 128 else { return false }
        let set = byte < 64 ? low : high
        return (set &>> UInt64(byte & 63)) & 1 == 1
    }
}
