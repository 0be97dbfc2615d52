import Testing

@testable import HTTPServer

/// The bit sets against the grammars that they stand for, byte by byte.
@Suite struct ByteClassTests {
    private static func set(_ characters: String, letters: Bool = true, digits: Bool = true) -> Set<UInt8> {
        var set = Set(characters.utf8)
        if letters { set.formUnion(Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)) }
        if digits { set.formUnion(Array("0123456789".utf8)) }
        return set
    }

    private static func members(_ isMember: (UInt8) -> Bool) -> Set<UInt8> {
        Set((0...UInt8.max).filter(isMember))
    }

    @Test func `token bytes`() {
        #expect(Self.members(ByteClass.isToken) == Self.set("!#$%&'*+-.^_`|~"))
    }

    @Test func `path bytes: pchar, slash and percent sign`() {
        #expect(Self.members(ByteClass.isPath) == Self.set("-._~!$&'()*+,;=:@/%"))
    }

    @Test func `query bytes: those of paths, question mark, and what browsers leave as it is`() {
        #expect(Self.members(ByteClass.isQuery) == Self.set("-._~!$&'()*+,;=:@/%?[]{}|^`\\"))
    }

    @Test func `registered-name bytes`() {
        #expect(Self.members(ByteClass.isRegisteredName) == Self.set("-._~!$&'()*+,;=%"))
    }

    @Test func `field-value bytes`() {
        #expect(Self.members(ByteClass.isFieldValue) == Set(0x20...0x7E).union([0x09]).union(0x80...0xFF))
    }

    @Test func `digits, hexadecimal digits and case`() {
        #expect(Self.members(ByteClass.isDigit) == Self.set("", letters: false))
        for byte in 0...UInt8.max {
            let text = String(decoding: [byte], as: UTF8.self)
            #expect(ByteClass.hexValue(byte) == (byte < 128 ? UInt8(text, radix: 16) : nil))
            let lower = byte < 128 ? Array(text.lowercased().utf8) : [byte]
            #expect([ByteClass.lowercased(byte)] == lower)
        }
    }
}
