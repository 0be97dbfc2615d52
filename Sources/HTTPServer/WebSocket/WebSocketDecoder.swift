/// Decodes the frames that a client sends, RFC 6455 §5, in any split and in bounded memory.
struct WebSocketDecoder {
    enum Event: Equatable {
        case text(String)
        case binary([UInt8])
        case ping([UInt8])
        case pong([UInt8])
        /// The peer closes; the code is nil when it gave none.
        case close(WebSocketCloseCode?, String)
    }

    private enum Opcode: UInt8 {
        case continuation = 0
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10

        var isControl: Bool { rawValue >= 8 }
    }

    private let limit: Int
    private let fragmentLimit: Int
    private var header = InlineArray<14, UInt8>(repeating: 0)
    private var headerCount = 0
    private var headerSize = 2
    private var isInPayload = false
    private var remaining = 0
    private var maskOffset = 0
    private var opcode = Opcode.text
    private var isFinal = true
    /// The kind of the message in progress; nil between messages.
    private var messageKind: Opcode?
    /// Frames of the message in progress.
    private var fragments = 0
    private var message: [UInt8] = []
    private var control: [UInt8] = []
    private var validator = UTF8Validator()
    private var hasEnded = false

    /// - Parameters:
    ///   - limit: bytes of one message.
    ///   - fragmentLimit: frames of one message; a message of endless empty frames would never reach `limit`.
    init(limit: Int, fragmentLimit: Int = 1 << 16) {
        self.limit = limit
        self.fragmentLimit = fragmentLimit
    }

    /// Bytes held of an unfinished message.
    var heldBytes: Int { message.count }

    /// Decodes `bytes` and appends what they complete. After a close frame or a violation nothing is read any more.
    mutating func decode(_ bytes: Span<UInt8>, into events: inout [Event]) throws(WebSocketViolation) {
        var index = 0
        while index < bytes.count, !hasEnded {
            if !isInPayload {
                header[headerCount] = bytes[index]
                headerCount += 1
                index += 1
                if headerCount == 2 { try checkStart() }
                if headerCount == headerSize { try startPayload() }
            } else {
                let count = min(remaining, bytes.count - index)
                try take(bytes, index, count)
                index += count
            }
            if isInPayload, remaining == 0 { try finishFrame(&events) }
        }
    }

    private mutating func violation(
        _ reason: String,
        _ code: WebSocketCloseCode = .protocolError
    ) -> WebSocketViolation {
        hasEnded = true
        return WebSocketViolation(code: code, reason: reason)
    }

    /// The first two bytes: flags, opcode, mask bit and short length.
    private mutating func checkStart() throws(WebSocketViolation) {
        guard header[0] & 0x70 == 0 else {
            throw violation("a reserved bit is set, but no extension was agreed")
        }
        guard let opcode = Opcode(rawValue: header[0] & 0x0F) else { throw violation("unknown opcode") }
        self.opcode = opcode
        isFinal = header[0] & 0x80 != 0
        guard header[1] & 0x80 != 0 else { throw violation("a client must mask its frames") }
        let length = header[1] & 0x7F
        if opcode.isControl {
            guard isFinal else { throw violation("a control frame is fragmented") }
            guard length <= 125 else { throw violation("a control frame is longer than 125 bytes") }
        } else if opcode == .continuation {
            guard messageKind != nil else { throw violation("a continuation frame continues nothing") }
        } else {
            guard messageKind == nil else {
                throw violation("a message starts before the last one has ended")
            }
        }
        headerSize = 6 + (length == 126 ? 2 : length == 127 ? 8 : 0)
    }

    private mutating func startPayload() throws(WebSocketViolation) {
        var length = UInt64(header[1] & 0x7F)
        if length == 126 {
            length = UInt64(header[2]) << 8 | UInt64(header[3])
            guard length > 125 else { throw violation("a length is not in its shortest form") }
        } else if length == 127 {
            length = 0
            for index in 2..<10 { length = length << 8 | UInt64(header[index]) }
            guard length > 0xFFFF else { throw violation("a length is not in its shortest form") }
            guard length >> 63 == 0 else { throw violation("a length has its highest bit set") }
        }
        guard opcode.isControl || length <= UInt64(max(0, limit - message.count)) else {
            throw violation("a message is longer than \(limit) bytes", .messageTooBig)
        }
        remaining = Int(length)
        maskOffset = 0
        isInPayload = true
        if opcode == .text || opcode == .binary {
            messageKind = opcode
            fragments = 0
        }
        if !opcode.isControl {
            fragments += 1
            guard fragments <= fragmentLimit else {
                throw violation("a message has more than \(fragmentLimit) frames", .policyViolation)
            }
        }
        if opcode == .text { validator = UTF8Validator() }
    }

    private mutating func take(_ bytes: Span<UInt8>, _ start: Int, _ count: Int) throws(WebSocketViolation) {
        let mask = headerSize - 4
        let checksText = !opcode.isControl && messageKind == .text
        let first = opcode.isControl ? control.count : message.count
        if opcode.isControl {
            control.append(contentsOf: bytes, from: start, count: count)
        } else {
            message.append(contentsOf: bytes, from: start, count: count)
        }
        let keys = InlineArray<4, UInt8> { header[mask + ((maskOffset + $0) & 3)] }
        if opcode.isControl {
            Self.unmask(&control, from: first, keys)
        } else {
            Self.unmask(&message, from: first, keys)
        }
        maskOffset = (maskOffset + count) & 3
        remaining -= count
        guard checksText else { return }
        let isText = message.withUnsafeBytes {
            validator.accept(UnsafeRawBufferPointer(rebasing: $0[first...]))
        }
        guard isText else { throw violation("text is not UTF-8", .invalidPayload) }
    }

    /// XORs eight bytes at a time, RFC 6455 §5.3.
    private static func unmask(_ bytes: inout [UInt8], from start: Int, _ keys: InlineArray<4, UInt8>) {
        let word32 =
            UInt32(keys[0]) | UInt32(keys[1]) << 8 | UInt32(keys[2]) << 16 | UInt32(keys[3]) << 24
        let word = (UInt64(word32) | UInt64(word32) << 32).littleEndian
        bytes.withUnsafeMutableBytes { buffer in
            var index = start
            while index + 8 <= buffer.count {
                let value = buffer.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                buffer.storeBytes(of: value ^ word, toByteOffset: index, as: UInt64.self)
                index += 8
            }
            while index < buffer.count {
                buffer[index] ^= keys[(index - start) & 3]
                index += 1
            }
        }
    }

    private mutating func finishFrame(_ events: inout [Event]) throws(WebSocketViolation) {
        isInPayload = false
        headerCount = 0
        headerSize = 2
        switch opcode {
        case .ping:
            events.append(.ping(control))
            control = []
        case .pong:
            events.append(.pong(control))
            control = []
        case .close: try finishClose(&events)
        case .text, .binary, .continuation:
            guard isFinal else { return }
            if messageKind == .text {
                guard validator.isComplete else { throw violation("text is not UTF-8", .invalidPayload) }
                events.append(.text(String(decoding: message, as: UTF8.self)))
            } else {
                events.append(.binary(message))
            }
            message = []
            messageKind = nil
        }
    }

    private mutating func finishClose(_ events: inout [Event]) throws(WebSocketViolation) {
        hasEnded = true
        guard !control.isEmpty else {
            events.append(.close(nil, ""))
            return
        }
        guard control.count >= 2 else { throw violation("a close frame has half a code") }
        let code = WebSocketCloseCode(rawValue: UInt16(control[0]) << 8 | UInt16(control[1]))
        guard code.isLegalOnWire else { throw violation("a close frame has a code that may not be sent") }
        guard let reason = String(validating: control[2...], as: UTF8.self) else {
            throw violation("a close reason is not UTF-8", .invalidPayload)
        }
        events.append(.close(code, reason))
    }
}
