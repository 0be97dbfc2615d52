@testable import HTTPServer

/// What a decoder made of some bytes.
struct DecoderOutcome: Equatable, CustomStringConvertible {
    var events: [WebSocketDecoder.Event] = []
    /// The close code of the violation that ended the decoding.
    var failure: UInt16?

    var description: String { "\(events), failure: \(failure.map(String.init) ?? "none")" }

    /// What the server's decoder makes of `pieces`, fed one after the other.
    static func ofDecoder(
        _ pieces: [ArraySlice<UInt8>],
        limit: Int = 1 << 20,
        fragmentLimit: Int = 1 << 16
    ) -> DecoderOutcome {
        var decoder = WebSocketDecoder(limit: limit, fragmentLimit: fragmentLimit)
        var outcome = DecoderOutcome()
        for piece in pieces {
            do throws(WebSocketViolation) {
                try decoder.decode(Array(piece).span, into: &outcome.events)
            } catch {
                // Whatever comes after a violation must change nothing.
                outcome.failure = outcome.failure ?? error.code.rawValue
            }
        }
        return outcome
    }

    /// What RFC 6455 §5 says of `bytes` as a whole, by a decoder that is as simple as can be: it has all bytes at hand, takes
    /// them from the front, and does not try to be fast.
    ///
    /// It finds text that is not UTF-8 only at the end of a frame, so its input must not end inside such a frame.
    static func ofReference(_ bytes: [UInt8], limit: Int = 1 << 20) -> DecoderOutcome {
        var outcome = DecoderOutcome()
        var rest = bytes[...]
        var kind: UInt8?
        var message: [UInt8] = []
        while rest.count >= 2 {
            let start = Array(rest.prefix(2))
            rest.removeFirst(2)
            let opcode = start[0] & 15
            let isFinal = start[0] >= 128
            let isControl = opcode >= 8
            let isMisplaced = opcode == 0 ? kind == nil : !isControl && kind != nil
            guard start[0] & 0x70 == 0, [0, 1, 2, 8, 9, 10].contains(opcode), start[1] >= 128, !isMisplaced,
                !isControl || (isFinal && start[1] & 127 < 126)
            else {
                outcome.failure = 1002
                return outcome
            }
            let lengthSize = [126: 2, 127: 8][start[1] & 127] ?? 0
            guard rest.count >= lengthSize + 4 else { return outcome }
            var length = UInt64(start[1] & 127)
            if lengthSize > 0 {
                length = rest.prefix(lengthSize).reduce(0) { $0 << 8 | UInt64($1) }
                guard length >= (lengthSize == 2 ? 126 : 65536), length < 1 << 63 else {
                    outcome.failure = 1002
                    return outcome
                }
            }
            guard isControl || length <= UInt64(limit - message.count) else {
                outcome.failure = 1009
                return outcome
            }
            let key = Array(rest.dropFirst(lengthSize).prefix(4))
            rest = rest.dropFirst(lengthSize + 4)
            guard rest.count >= Int(length) else { return outcome }
            let payload = rest.prefix(Int(length)).enumerated().map { $1 ^ key[$0 % 4] }
            rest = rest.dropFirst(Int(length))
            switch opcode {
            case 8:
                outcome.finishClose(payload)
                return outcome
            case 9: outcome.events.append(.ping(payload))
            case 10: outcome.events.append(.pong(payload))
            default:
                message += payload
                kind = kind ?? opcode
                if kind == 1, !isUTF8(message, isWhole: isFinal) {
                    outcome.failure = 1007
                    return outcome
                }
                guard isFinal else { continue }
                outcome.events.append(
                    kind == 1 ? .text(String(decoding: message, as: UTF8.self)) : .binary(message)
                )
                kind = nil
                message = []
            }
        }
        return outcome
    }

    private mutating func finishClose(_ payload: [UInt8]) {
        guard payload.count != 1 else {
            failure = 1002
            return
        }
        guard payload.count >= 2 else {
            events.append(.close(nil, ""))
            return
        }
        let code = UInt16(payload[0]) * 256 + UInt16(payload[1])
        let isLegal =
            (1000...1014).contains(code) && ![1004, 1005, 1006].contains(code) || (3000...4999).contains(code)
        let reason = String(validating: payload[2...], as: UTF8.self)
        if !isLegal {
            failure = 1002
        } else if let reason {
            events.append(.close(WebSocketCloseCode(rawValue: code), reason))
        } else {
            failure = 1007
        }
    }

    /// Whether `bytes` is UTF-8, or, where it is not the whole, can become so with bytes after it: by trying to complete it.
    private static func isUTF8(_ bytes: [UInt8], isWhole: Bool) -> Bool {
        if String(validating: bytes, as: UTF8.self) != nil { return true }
        guard !isWhole else { return false }
        for second in [0x80, 0x90, 0xA0] as [UInt8] {
            for tail in [[], [0x80], [0x80, 0x80]] as [[UInt8]]
            where String(validating: bytes + [second] + tail, as: UTF8.self) != nil {
                return true
            }
        }
        return false
    }
}
