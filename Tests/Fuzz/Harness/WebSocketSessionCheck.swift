@testable import HTTPServer

/// The server's side of a WebSocket: what it sends and reports, whatever comes and whenever it closes or loses room.
enum WebSocketSessionCheck {
    private struct Outcome: Equatable {
        var output: [UInt8] = []
        var events: [WebSocketSession.Event] = []
    }

    static func examine(_ input: [UInt8], limit: Int) throws(FuzzFinding) {
        var atOnce: Outcome?
        for way in Pieces.ways(input) {
            let outcome = try run(input, way, limit, isDisturbed: false)
            if let atOnce {
                try FuzzFinding.requireEqual(
                    atOnce,
                    outcome,
                    "what follows from \(input.printable) with limit \(limit), at once and in \(way)"
                )
            } else {
                atOnce = outcome
                // A pong is shorter than its ping; beside pongs there is one close frame.
                try FuzzFinding.require(
                    outcome.output.count <= input.count + 127,
                    "\(outcome.output.count) bytes answer \(input.count)"
                )
            }
            _ = try run(input, way, limit, isDisturbed: true)
        }
    }

    private static func run(
        _ input: [UInt8],
        _ pieces: [Range<Int>],
        _ limit: Int,
        isDisturbed: Bool
    ) throws(FuzzFinding) -> Outcome {
        var session = WebSocketSession(messageLimit: limit, timing: .init(ping: 10, close: 20), now: 0)
        var outcome = Outcome()
        var now: UInt64 = 0
        var hasRoom = true
        for (index, piece) in pieces.enumerated() {
            let bytes = Array(input[piece])
            let wasClosed = session.state == .closed
            let size = outcome.output.count
            let events = session.receive(bytes.span, hasRoom: hasRoom, output: &outcome.output)
            outcome.events += events
            try FuzzFinding.require(
                !wasClosed || (events.isEmpty && outcome.output.count == size),
                "something follows the end"
            )
            try FuzzFinding.require(session.heldBytes <= limit, "\(session.heldBytes) bytes are held")
            guard isDisturbed else { continue }
            switch (index &* 31 &+ Int(bytes.last ?? 0)) & 15 {
            case 0: session.close(.goingAway, "later", now: now, output: &outcome.output)
            case 1, 2: hasRoom.toggle()
            case 3: session.answerPing(output: &outcome.output)
            case 4: session.send(WebSocketEncoder.text("x"), output: &outcome.output)
            case 5, 6:
                now += 10
                if !session.deadlinePassed(now: now, isReading: true, output: &outcome.output) {
                    outcome.events += session.abandon()
                }
            default: break
            }
        }
        outcome.events += isDisturbed ? session.abandon() : []
        try checkEvents(outcome.events, hasEnded: session.state == .closed)
        try checkFrames(outcome.output)
        return outcome
    }

    /// The end is told once, when it comes, and last.
    private static func checkEvents(_ events: [WebSocketSession.Event], hasEnded: Bool) throws(FuzzFinding) {
        let ends = events.indices.filter { if case .closed = events[$0] { true } else { false } }
        try FuzzFinding.requireEqual(
            ends,
            hasEnded ? [events.count - 1] : [],
            "where the end is told among \(events.count) events"
        )
    }

    /// Whole frames, none of them masked, fragmented or behind a close frame.
    private static func checkFrames(_ output: [UInt8]) throws(FuzzFinding) {
        var rest = output[...]
        while !rest.isEmpty {
            let frame = Array(rest.prefix(2))
            guard frame.count == 2, [0x81, 0x88, 0x89, 0x8A].contains(frame[0]), frame[1] <= 125,
                rest.count >= 2 + Int(frame[1])
            else {
                throw FuzzFinding("the output \(output.printable) does not consist of whole small frames")
            }
            let payload = rest.dropFirst(2).prefix(Int(frame[1]))
            rest = rest.dropFirst(2 + payload.count)
            guard frame[0] == 0x88 else { continue }
            try FuzzFinding.require(rest.isEmpty, "frames follow a close frame in \(output.printable)")
            guard !payload.isEmpty else { continue }
            let code = payload.prefix(2).reduce(0) { $0 << 8 | UInt16($1) }
            try FuzzFinding.require(
                payload.count >= 2 && WebSocketCloseCode(rawValue: code).isLegalOnWire
                    && String(validating: payload.dropFirst(2), as: UTF8.self) != nil,
                "the close frame \(payload.printable) is not legal"
            )
        }
    }
}
