@testable import HTTPServer

/// What comes in on a WebSocket, RFC 6455 §5.
///
/// However the frames are cut, they must give the same events and the same violation, within the memory that the limit
/// allows; and what came out must come out again after it was encoded and masked.
enum WebSocketTarget {
    static func examine(_ input: [UInt8]) throws(FuzzFinding) {
        for limit in [1 << 20, 100, 0] {
            try examine(input, limit: limit)
            try WebSocketSessionCheck.examine(input, limit: limit)
        }
    }

    private struct Reading: Equatable {
        var events: [WebSocketDecoder.Event] = []
        var violation: WebSocketViolation?
    }

    private static func examine(_ input: [UInt8], limit: Int) throws(FuzzFinding) {
        var atOnce: Reading?
        for way in Pieces.ways(input) {
            let reading = try read(input, way, limit)
            if let atOnce {
                try FuzzFinding.requireEqual(
                    atOnce,
                    reading,
                    "what \(input.printable) means with limit \(limit), at once and in \(way)"
                )
            } else {
                atOnce = reading
                try checkSizes(reading.events, input, limit)
                try checkRoundTrip(reading.events)
            }
        }
    }

    private static func read(_ input: [UInt8], _ pieces: [Range<Int>], _ limit: Int) throws(FuzzFinding)
        -> Reading
    {
        var decoder = WebSocketDecoder(limit: limit)
        var reading = Reading()
        var hasEnded = false
        for piece in pieces {
            let bytes = Array(input[piece])
            let count = reading.events.count
            do throws(WebSocketViolation) {
                try decoder.decode(bytes.span, into: &reading.events)
            } catch {
                try FuzzFinding.require(!hasEnded, "a violation is reported after the end")
                reading.violation = error
            }
            if hasEnded { try FuzzFinding.requireEqual(count, reading.events.count, "events after the end") }
            try FuzzFinding.require(
                decoder.heldBytes <= limit,
                "\(decoder.heldBytes) bytes are held, limit \(limit)"
            )
            if case .close? = reading.events.last { hasEnded = true }
            if reading.violation != nil { hasEnded = true }
        }
        return reading
    }

    /// No event is larger than its limit, and all of them together have no more content than the input has bytes.
    private static func checkSizes(
        _ events: [WebSocketDecoder.Event],
        _ input: [UInt8],
        _ limit: Int
    ) throws(FuzzFinding) {
        var total = 0
        for (index, event) in events.enumerated() {
            let (size, bound) =
                switch event {
                case .text(let text): (text.utf8.count, limit)
                case .binary(let bytes): (bytes.count, limit)
                case .ping(let bytes), .pong(let bytes): (bytes.count, 125)
                case .close(let code, let reason): (reason.utf8.count + (code == nil ? 0 : 2), 125)
                }
            try FuzzFinding.require(size <= bound, "an event of \(size) bytes, bound \(bound)")
            total += size + 6
            if case .close = event, index != events.count - 1 {
                throw FuzzFinding("an event follows a close")
            }
        }
        try FuzzFinding.require(total <= input.count, "\(total) bytes came of \(input.count)")
    }

    // MARK: There and back

    private static func checkRoundTrip(_ events: [WebSocketDecoder.Event]) throws(FuzzFinding) {
        var bytes: [UInt8] = []
        for (index, event) in events.enumerated() {
            let frame =
                switch event {
                case .text(let text): WebSocketEncoder.text(text)
                case .binary(let content): WebSocketEncoder.binary(content)
                case .pong(let content): WebSocketEncoder.pong(content)
                // The server sends pings without content only; a pong with another opcode is one with content.
                case .ping(let content): [0x89] + WebSocketEncoder.pong(content).dropFirst()
                case .close(let code, let reason): WebSocketEncoder.close(code, reason)
                }
            bytes += try masked(frame, key: UInt8(truncatingIfNeeded: index &* 37))
        }
        var decoder = WebSocketDecoder(limit: 1 << 20)
        var again: [WebSocketDecoder.Event] = []
        do throws(WebSocketViolation) {
            try decoder.decode(bytes.span, into: &again)
        } catch {
            throw FuzzFinding("what the encoder wrote is refused: \(error.reason)\n  \(bytes.printable)")
        }
        try FuzzFinding.requireEqual(events, again, "events before and after encoding")
    }

    /// A server's frame as a client would have sent it.
    private static func masked(_ frame: [UInt8], key: UInt8) throws(FuzzFinding) -> [UInt8] {
        guard frame.count >= 2 else { throw FuzzFinding("a frame of \(frame.count) bytes was written") }
        let header = 2 + (frame[1] == 126 ? 2 : frame[1] == 127 ? 8 : 0)
        let keys: [UInt8] = [key, key ^ 0x55, ~key, 0x0F]
        var bytes = Array(frame.prefix(header))
        bytes[1] |= 0x80
        bytes += keys
        for (index, byte) in frame.dropFirst(header).enumerated() { bytes.append(byte ^ keys[index & 3]) }
        return bytes
    }
}
