/// Encodes the frames that a server sends, RFC 6455 §5.2: unmasked, each message in one frame.
enum WebSocketEncoder {
    static func text(_ text: String) -> [UInt8] {
        var text = text
        return text.withUTF8 { frame(0x81, UnsafeRawBufferPointer($0)) }
    }

    static func binary(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { frame(0x82, $0) }
    }

    static func ping() -> [UInt8] {
        [0x89, 0]
    }

    /// - Parameter payload: that of the ping, at most 125 bytes.
    static func pong(_ payload: [UInt8]) -> [UInt8] {
        payload.prefix(125).withUnsafeBytes { frame(0x8A, $0) }
    }

    /// A close frame; a code that may not be sent is left out, and a reason that is too long is cut between characters.
    static func close(_ code: WebSocketCloseCode?, _ reason: String) -> [UInt8] {
        guard let code, code.isLegalOnWire else { return [0x88, 0] }
        var payload = [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xFF)]
        for scalar in reason.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            guard payload.count + bytes.count <= 125 else { break }
            payload += bytes
        }
        return payload.withUnsafeBytes { frame(0x88, $0) }
    }

    private static func frame(_ start: UInt8, _ payload: UnsafeRawBufferPointer) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(payload.count + 10)
        bytes.append(start)
        switch payload.count {
        case 0...125: bytes.append(UInt8(payload.count))
        case 126...0xFFFF:
            bytes.append(126)
            for shift in [8, 0] { bytes.append(UInt8(truncatingIfNeeded: payload.count >> shift)) }
        default:
            bytes.append(127)
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: payload.count >> shift))
            }
        }
        bytes.append(contentsOf: payload)
        return bytes
    }
}
