/// A frame as a client sends it, or as a client ought not to send it.
struct ClientFrame {
    enum LengthForm: CaseIterable {
        case shortest
        case sixteenBits
        case sixtyFourBits
    }

    /// FIN, the reserved bits and the opcode.
    var start: UInt8
    var payload: [UInt8] = []
    /// Nil for a frame that is not masked.
    var key: [UInt8]? = [0x37, 0xFA, 0x21, 0x3D]
    var lengthForm = LengthForm.shortest

    static func text(_ text: String, isFinal: Bool = true) -> ClientFrame {
        ClientFrame(start: isFinal ? 0x81 : 0x01, payload: Array(text.utf8))
    }

    static func binary(_ payload: [UInt8], isFinal: Bool = true) -> ClientFrame {
        ClientFrame(start: isFinal ? 0x82 : 0x02, payload: payload)
    }

    static func continuation(_ payload: [UInt8], isFinal: Bool = true) -> ClientFrame {
        ClientFrame(start: isFinal ? 0x80 : 0x00, payload: payload)
    }

    static func ping(_ payload: [UInt8] = []) -> ClientFrame { ClientFrame(start: 0x89, payload: payload) }

    static func pong(_ payload: [UInt8] = []) -> ClientFrame { ClientFrame(start: 0x8A, payload: payload) }

    static func close(_ code: UInt16? = nil, _ reason: [UInt8] = []) -> ClientFrame {
        let codeBytes = code.map { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } ?? []
        return ClientFrame(start: 0x88, payload: codeBytes + reason)
    }

    var bytes: [UInt8] {
        let mask: UInt8 = key == nil ? 0 : 0x80
        let count = payload.count
        var bytes = [start]
        switch lengthForm {
        case .shortest where count <= 125: bytes.append(mask | UInt8(count))
        case .sixteenBits,
            .shortest where count <= 0xFFFF:
            bytes += [mask | 126, UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF)]
        default:
            bytes.append(mask | 127)
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: count >> (56 - 8 * $0)) }
        }
        guard let key else { return bytes + payload }
        return bytes + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
    }
}

extension [ClientFrame] {
    var bytes: [UInt8] { flatMap(\.bytes) }
}
