import Crypto
import HTTPTypes
import JSON

/// The opening handshake of the server's side, RFC 6455 §4.2.
enum WebSocketHandshake {
    /// What the server answers to a good handshake.
    struct Acceptance: Equatable {
        /// The value of `Sec-WebSocket-Accept`.
        var accept: String
        var subprotocol: String?
    }

    /// Checks the client's side of the handshake, §4.2.1.
    ///
    /// - Parameter subprotocols: those the route speaks, best first.
    /// - Throws: 426 when the request is no WebSocket handshake, or one of another version; 400 when it is a bad one.
    static func evaluate(_ head: RequestHead, subprotocols: [String]) throws(HTTPError) -> Acceptance {
        // HTTP/1.0 knows no Upgrade: RFC 9110 §7.8 has it ignored there.
        guard head.method == .get, head.minorVersion == 1, contains("websocket", in: head, .upgrade) else {
            throw upgradeRequired(
                "this route is a WebSocket: ask with Connection: Upgrade and Upgrade: websocket"
            )
        }
        guard contains("upgrade", in: head, .connection) else {
            throw badRequest("Connection must contain upgrade, as Upgrade asks for websocket")
        }
        let versions = head.values(named: "sec-websocket-version")
        guard let version = versions.first, versions.count == 1 else {
            throw badRequest("Sec-WebSocket-Version must come once")
        }
        guard version == "13" else { throw upgradeRequired("Sec-WebSocket-Version must be 13") }
        let keys = head.values(named: "sec-websocket-key")
        guard let key = keys.first, keys.count == 1, isNonce(key) else {
            throw badRequest("Sec-WebSocket-Key must be 16 bytes in base64, once")
        }
        let offered = head.values(named: "sec-websocket-protocol")
        return Acceptance(accept: accept(key), subprotocol: choose(among: subprotocols, offered: offered))
    }

    /// The best of `supported` that is in one of the lists `offered`; names are compared to the letter, §4.1.
    private static func choose(among supported: [String], offered: [String]) -> String? {
        supported.first { name in
            offered.contains { list in
                ListValue.elements(of: list.utf8).contains { $0.elementsEqual(name.utf8) }
            }
        }
    }

    private static func badRequest(_ message: String) -> HTTPError {
        HTTPError(.badRequest, code: "BAD_REQUEST", message: message)
    }

    /// 426, which must name what to upgrade to (RFC 9110 §15.5.22), with the version that is spoken (RFC 6455 §4.4).
    private static func upgradeRequired(_ message: String) -> HTTPError {
        HTTPError(
            .init(code: 426, reasonPhrase: "Upgrade Required"),
            code: "UPGRADE_REQUIRED",
            message: message,
            fields: [
                HTTPField(name: .upgrade, value: "websocket"),
                HTTPField(name: .secWebSocketVersion, value: "13"),
            ]
        )
    }

    /// §4.2.2: SHA-1 of the key and a fixed GUID, in base64.
    static func accept(_ key: String) -> String {
        let digest = Insecure.SHA1.hash(data: Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        return Base64.text(of: Array(digest))
    }

    private static func contains(_ option: StaticString, in head: RequestHead, _ field: KnownField) -> Bool {
        guard let value = head.combined(field) else { return false }
        return ListValue.contains(option, in: value)
    }

    /// Base64 of 16 bytes: 22 digits and two pads.
    private static func isNonce(_ key: String) -> Bool {
        let bytes = Array(key.utf8)
        guard bytes.count == 24, bytes.suffix(2) == [0x3D, 0x3D] else { return false }
        return Base64.bytes(of: key)?.count == 16
    }
}
