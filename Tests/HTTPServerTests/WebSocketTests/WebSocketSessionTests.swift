import Testing

@testable import HTTPServer

/// A session with what it wanted to send and what it told its handler.
private final class Conversation {
    var session: WebSocketSession
    var output: [UInt8] = []
    var events: [WebSocketSession.Event] = []

    init(messageLimit: Int = 1000) {
        session = WebSocketSession(messageLimit: messageLimit, timing: .init(ping: 100, close: 10), now: 1000)
    }

    func receive(_ frames: ClientFrame..., hasRoom: Bool = true) {
        receive(frames.bytes, hasRoom: hasRoom)
    }

    func receive(_ bytes: [UInt8], hasRoom: Bool = true) {
        events += session.receive(bytes.span, hasRoom: hasRoom, output: &output)
    }

    func deadlinePassed(_ now: UInt64, isReading: Bool = true) -> Bool {
        session.deadlinePassed(now: now, isReading: isReading, output: &output)
    }

    func abandon() -> [WebSocketSession.Event] {
        session.abandon()
    }

    func takeOutput() -> [UInt8] {
        defer { output = [] }
        return output
    }
}

@Suite("A WebSocket's life")
struct WebSocketSessionTests {
    private static let normalClose: [UInt8] = [0x88, 2, 3, 0xE8]

    @Test("messages come out, pings are answered one by one, pongs are nobody's business")
    func open() {
        let conversation = Conversation()
        conversation.receive(.text("a"), .ping([1, 2]), .binary([3]), .pong([4]), .ping())
        #expect(conversation.events == [.message(.text("a")), .message(.binary([3]))])
        #expect(conversation.output == [0x8A, 2, 1, 2, 0x8A, 0])
        #expect(conversation.session.state == .open)
    }

    @Test("a conversation cut in two at any byte is the same conversation")
    func cuts() {
        let frames: [ClientFrame] = [
            .text("é", isFinal: false), .ping([7]), .continuation(Array("🎈".utf8)), .close(1001, [0x78]),
            .text("late"),
        ]
        for cut in 0...frames.bytes.count {
            let conversation = Conversation()
            conversation.receive(Array(frames.bytes[..<cut]))
            conversation.receive(Array(frames.bytes[cut...]))
            #expect(
                conversation.events == [
                    .message(.text("é🎈")), .closed(.init(code: .goingAway, reason: "x")),
                ]
            )
            #expect(conversation.output == [0x8A, 1, 7, 0x88, 2, 3, 0xE9])
        }
    }

    @Test("the peer's close is answered once with its code, and nothing follows")
    func peerCloses() {
        let conversation = Conversation()
        conversation.receive(.close(3000, Array("done".utf8)))
        #expect(conversation.events == [.closed(.init(code: .init(rawValue: 3000), reason: "done"))])
        #expect(conversation.takeOutput() == [0x88, 2, 0x0B, 0xB8])
        #expect(conversation.session.state == .closed)
        conversation.receive(.close(1000), .ping(), .text("late"))
        conversation.session.close(.normal, "", now: 1010, output: &conversation.output)
        conversation.session.send([1, 2, 3], output: &conversation.output)
        #expect(conversation.abandon() == [])
        #expect(conversation.events.count == 1)
        #expect(conversation.output == [])
        #expect(conversation.session.deadline == .max)
    }

    @Test("a close without a code is answered without one")
    func closeWithoutCode() {
        let conversation = Conversation()
        conversation.receive(.close())
        #expect(conversation.events == [.closed(.init(code: .noStatus, reason: ""))])
        #expect(conversation.output == [0x88, 0])
    }

    @Test("after our close nothing is sent or delivered, until the peer's close ends it")
    func weClose() {
        let conversation = Conversation()
        conversation.session.send(WebSocketEncoder.text("last"), output: &conversation.output)
        conversation.session.close(.normal, "", now: 1005, output: &conversation.output)
        #expect(conversation.takeOutput() == WebSocketEncoder.text("last") + Self.normalClose)
        #expect(conversation.session.state == .closing)
        #expect(conversation.session.deadline == 1015)
        conversation.session.close(.goingAway, "", now: 1006, output: &conversation.output)
        conversation.session.send(WebSocketEncoder.text("late"), output: &conversation.output)
        conversation.receive(.text("ignored"), .ping([1]), .binary([1]))
        #expect(conversation.events == [])
        #expect(conversation.session.deadline == 1015)
        conversation.receive(.close(1000, Array("bye".utf8)))
        #expect(conversation.events == [.closed(.init(code: .normal, reason: "bye"))])
        #expect(conversation.output == [])
        #expect(conversation.session.state == .closed)
    }

    @Test("a peer that does not answer our close is given up after the time for it")
    func closeTimeout() {
        let conversation = Conversation()
        conversation.session.close(.normal, "", now: 1005, output: &conversation.output)
        #expect(conversation.deadlinePassed(1014))
        #expect(!conversation.deadlinePassed(1015))
        #expect(conversation.abandon() == [.closed(.init(code: .abnormal, reason: ""))])
    }

    @Test("the time for the answer to our close begins when the close has gone out")
    func closeHeldUp() {
        let conversation = Conversation()
        conversation.session.closeIsHeldUp(now: 1003)
        #expect(conversation.session.deadline == 1100)
        conversation.session.close(.normal, "", now: 1005, output: &conversation.output)
        conversation.session.closeIsHeldUp(now: 1015)
        #expect(conversation.deadlinePassed(1024))
        #expect(!conversation.deadlinePassed(1025))
        _ = conversation.abandon()
        conversation.session.closeIsHeldUp(now: 1030)
        #expect(conversation.session.deadline == .max)
    }

    @Test("a violation closes with its code, after what came before it")
    func violation() {
        let conversation = Conversation(messageLimit: 3)
        conversation.receive(.text("abc"), .ping([9]), .text("abcd"), .text("x"))
        let reason = "a message is longer than 3 bytes"
        #expect(
            conversation.events == [
                .message(.text("abc")), .closed(.init(code: .messageTooBig, reason: reason)),
            ]
        )
        #expect(conversation.output == [0x8A, 1, 9] + WebSocketEncoder.close(.messageTooBig, reason))
        #expect(conversation.session.state == .closed)
    }

    @Test("a violation after our close sends no second close frame")
    func violationWhileClosing() {
        let conversation = Conversation()
        conversation.session.close(.normal, "", now: 1005, output: &conversation.output)
        conversation.receive(ClientFrame(start: 0xF1))
        #expect(conversation.output == Self.normalClose)
        #expect(conversation.session.state == .closed)
        #expect(conversation.events.count == 1)
    }

    @Test("without room for output, of many pings the last is answered once there is room")
    func pingsWithoutRoom() {
        let conversation = Conversation()
        for payload in 0..<200 as Range<UInt8> { conversation.receive(.ping([payload]), hasRoom: false) }
        #expect(conversation.output == [])
        conversation.session.answerPing(output: &conversation.output)
        conversation.session.answerPing(output: &conversation.output)
        #expect(conversation.takeOutput() == [0x8A, 1, 199])
        conversation.receive(.ping([1]), .ping([2]), hasRoom: false)
        conversation.receive(.ping([3]))
        #expect(conversation.takeOutput() == [0x8A, 1, 2, 0x8A, 1, 3])
        conversation.receive(.ping([4]), hasRoom: false)
        conversation.session.close(.normal, "", now: 1010, output: &conversation.output)
        conversation.session.answerPing(output: &conversation.output)
        #expect(conversation.output == Self.normalClose)
    }

    @Test("silence is broken by a ping, and silence after it is the end")
    func silence() {
        let conversation = Conversation()
        #expect(conversation.session.deadline == 1100)
        #expect(conversation.deadlinePassed(1099))
        #expect(conversation.takeOutput() == [])
        #expect(conversation.deadlinePassed(1100))
        #expect(conversation.takeOutput() == [0x89, 0])
        #expect(conversation.session.deadline == 1200)
        #expect(!conversation.deadlinePassed(1200))
    }

    @Test(
        "anything that comes is a sign of life, be it a byte",
        arguments: [ClientFrame.pong().bytes, [0x81]]
    )
    func signOfLife(bytes: [UInt8]) {
        let conversation = Conversation()
        #expect(conversation.deadlinePassed(1100))
        conversation.receive(bytes)
        #expect(conversation.deadlinePassed(1200))
        #expect(conversation.takeOutput() == [0x89, 0])
        #expect(conversation.deadlinePassed(1300))
        #expect(conversation.takeOutput() == [0x89, 0])
        #expect(!conversation.deadlinePassed(1400))
    }

    @Test(
        "a peer that is not read from is not taken for dead, and gets a whole interval when it is read again"
    )
    func paused() {
        let conversation = Conversation()
        #expect(conversation.deadlinePassed(1100))
        #expect(conversation.takeOutput() == [0x89, 0])
        for moment in stride(from: 1200, through: 2000, by: 100) {
            #expect(conversation.deadlinePassed(UInt64(moment), isReading: false))
        }
        #expect(conversation.takeOutput() == [])
        #expect(conversation.deadlinePassed(2100))
        #expect(conversation.takeOutput() == [0x89, 0])
        #expect(!conversation.deadlinePassed(2200))
    }

    @Test("a connection that breaks is an abnormal end, told once")
    func broken() {
        let conversation = Conversation()
        conversation.receive(.text("half", isFinal: false))
        #expect(conversation.session.heldBytes == 4)
        #expect(conversation.abandon() == [.closed(.init(code: .abnormal, reason: ""))])
        #expect(conversation.abandon() == [])
    }
}
