import Testing

@testable import HTTPServer

@Suite("WebSocket frames from the server")
struct WebSocketEncoderTests {
    /// RFC 6455 §5.7.
    @Test("the RFC's example frames, unmasked")
    func examples() {
        #expect(WebSocketEncoder.text("Hello") == [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
        #expect(WebSocketEncoder.pong(Array("Hello".utf8)) == [0x8A, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
        #expect(WebSocketEncoder.ping() == [0x89, 0x00])
    }

    @Test(
        "a length takes its shortest form",
        arguments: [
            (0, [0]), (1, [1]), (125, [125]), (126, [126, 0, 126]), (256, [126, 1, 0]),
            (65_535, [126, 255, 255]),
            (65_536, [127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] as [(Int, [UInt8])]
    )
    func lengths(count: Int, length: [UInt8]) {
        let payload = [UInt8](repeating: 0xAB, count: count)
        #expect(WebSocketEncoder.binary(payload) == [0x82] + length + payload)
    }

    @Test("text is sent as UTF-8, whatever way the string is stored")
    func text() {
        let slice = String("xyz é🎈".dropFirst(4))
        #expect(WebSocketEncoder.text(slice) == [0x81, 6] + Array("é🎈".utf8))
    }

    @Test("a close frame holds the code and as many whole characters of the reason as fit")
    func close() {
        #expect(WebSocketEncoder.close(.normal, "") == [0x88, 2, 3, 0xE8])
        #expect(WebSocketEncoder.close(.goingAway, "bye") == [0x88, 5, 3, 0xE9, 0x62, 0x79, 0x65])
        let even = String(repeating: "é", count: 100)
        #expect(WebSocketEncoder.close(.normal, even) == [0x88, 124, 3, 0xE8] + Array(even.utf8.prefix(122)))
        let exact = String(repeating: "a", count: 123)
        #expect(WebSocketEncoder.close(.normal, exact + "b") == [0x88, 125, 3, 0xE8] + Array(exact.utf8))
        let balloon = String(repeating: "a", count: 120) + "🎈"
        #expect(
            WebSocketEncoder.close(.normal, balloon) == [0x88, 122, 3, 0xE8] + Array(balloon.utf8.prefix(120))
        )
    }

    @Test(
        "codes that may not be on the wire are left out",
        arguments: [nil, 0, 999, 1004, 1005, 1006, 1015, 2999, 5000]
    )
    func reservedCodes(code: UInt16?) {
        #expect(WebSocketEncoder.close(code.map(WebSocketCloseCode.init), "reason") == [0x88, 0])
    }
}
