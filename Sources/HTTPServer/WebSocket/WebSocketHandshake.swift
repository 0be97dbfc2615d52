import Crypto
import HTTPTypes

/// The opening handshake of the server's side, RFC 6455 §4.2.
enum WebSocketHandshake {
    /// What the server answers to a good handshake.
    struct Acceptance: Equatable {
        /// The value of `Sec-WebSocket-Accept`.
        var accept: String
        var subprotocol: String?
    }

    static func evaluate(_ head: RequestHead, subprotocols: [String]) throws(HTTPError) -> Acceptance {
        guard head.method == .get, head.minorVersion == 1, contains("websocket", in: head, .upgrade),
            contains("upgrade", in: head, .connection)
        else {
            throw HTTPError(
                .init(code: 426, reasonPhrase: "Upgrade Required"),
                code: "UPGRADE_REQUIRED",
                message: "this route is a WebSocket: ask with Connection: Upgrade and Upgrade: websocket",
                fields: [HTTPField(name: .upgrade, value: "websocket")]
            )
        }
        guard head.values(named: "sec-websocket-version") == ["13"] else {
            throw HTTPError(
                .init(code: 426, reasonPhrase: "Upgrade Required"),
                code: "UPGRADE_REQUIRED",
                message: "Sec-WebSocket-Version must be 13",
                fields: [HTTPField(name: .secWebSocketVersion, value: "13")]
            )
        }
        let keys = head.values(named: "sec-websocket-key")
        guard keys.count == 1, let key = keys.first, isNonce(key) else {
            throw HTTPError(
                .badRequest,
                code: "BAD_REQUEST",
                message: "Sec-WebSocket-Key must be 16 bytes in base64, once"
            )
        }
        let offered = head.values(named: "sec-websocket-protocol")
            .flatMap { $0.split(separator: ",") }
            .map { String($0).trimming { $0 == " " || $0 == "\t" } }
        return Acceptance(accept: accept(key), subprotocol: subprotocols.first { offered.contains($0) })
    }

    /// §4.2.2: SHA-1 of the key and a fixed GUID, in base64.
    static func accept(_ key: String) -> String {
        let digest = Insecure.SHA1.hash(data: Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        return Base64.encode(Array(digest))
    }

    private static func contains(_ option: StaticString, in head: RequestHead, _ field: KnownField) -> Bool {
        guard let value = head.combined(field) else { return false }
        return ListValue.contains(option, in: value)
    }

    /// Base64 of 16 bytes: 22 digits and two pads.
    private static func isNonce(_ key: String) -> Bool {
        let bytes = Array(key.utf8)
        guard bytes.count == 24, bytes.suffix(2) == [0x3D, 0x3D] else { return false }
        return bytes.prefix(22).allSatisfy(Base64.isDigit)
    }
}

/// Base64, RFC 4648 §4. `FoundationEssentials` has it too, but this layer goes without.
enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func isDigit(_ byte: UInt8) -> Bool {
        digits.contains(byte)
    }

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var word: UInt32 = 0
            for byte in group { word = word << 8 | UInt32(byte) }
            word <<= UInt32(8 * (3 - group.count))
            for position in 0..<4 {
                let digit = Int(word >> UInt32(18 - 6 * position)) & 0x3F
                text.append(position <= group.count ? digits[digit] : 0x3D)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
