import Synchronization
import Testing

@testable import HTTPServer

@Suite("Messages that wait for a handler")
struct WebSocketInboxTests {
    private final class Count: Sendable {
        private let state = Mutex(0)
        var value: Int { state.withLock(\.self) }
        func add() { state.withLock { $0 += 1 } }
    }

    @Test("messages come out in the order they went in, and then nil")
    func order() async {
        let inbox = WebSocketInbox {}
        #expect(inbox.add(.text("a")))
        #expect(inbox.add(.binary([1])))
        inbox.end()
        #expect(inbox.add(.text("late")))
        #expect(await inbox.next() == .text("a"))
        #expect(await inbox.next() == .binary([1]))
        #expect(await inbox.next() == nil)
        #expect(await inbox.next() == nil)
    }

    @Test("many messages stop the reading, which goes on when half of them are gone")
    func messageLimit() async {
        let resumed = Count()
        let inbox = WebSocketInbox { resumed.add() }
        for index in 1...WebSocketInbox.messageLimit {
            #expect(inbox.add(.text("")) == (index < WebSocketInbox.messageLimit))
        }
        // What had been read already is kept, and reading stays stopped.
        #expect(!inbox.add(.text("")))
        for _ in 0..<(WebSocketInbox.messageLimit / 2) { _ = await inbox.next() }
        #expect(resumed.value == 0)
        _ = await inbox.next()
        #expect(resumed.value == 1)
        _ = await inbox.next()
        #expect(resumed.value == 1)
        #expect(inbox.add(.text("")))
    }

    @Test("many bytes stop the reading, and few messages alone do not set it going again")
    func byteLimit() async {
        let resumed = Count()
        let inbox = WebSocketInbox { resumed.add() }
        let large = [UInt8](repeating: 0, count: WebSocketInbox.byteLimit)
        #expect(inbox.add(.text("small")))
        #expect(!inbox.add(.binary(large)))
        #expect(await inbox.next() == .text("small"))
        #expect(resumed.value == 0)
        #expect(await inbox.next() == .binary(large))
        #expect(resumed.value == 1)
    }

    @Test("every one of several waiting calls gets a message or the end", .timeLimit(.minutes(10)))
    func severalWaiters() async {
        let inbox = WebSocketInbox {}
        let received = await withTaskGroup(of: WebSocket.Message?.self) { group in
            for _ in 0..<20 { group.addTask { await inbox.next() } }
            for index in 0..<15 { _ = inbox.add(.binary([UInt8(index)])) }
            inbox.end()
            return await group.reduce(into: [WebSocket.Message?]()) { $0.append($1) }
        }
        #expect(received.count == 20)
        #expect(received.compactMap(\.self).count == 15)
        for index in 0..<15 as Range<UInt8> { #expect(received.contains(.binary([index]))) }
    }

    @Test("a cancelled call ends with nil and takes nothing from the others", .timeLimit(.minutes(10)))
    func cancellation() async {
        let inbox = WebSocketInbox {}
        let waiting = Task { await inbox.next() }
        waiting.cancel()
        #expect(await waiting.value == nil)
        #expect(inbox.add(.text("kept")))
        #expect(await inbox.next() == .text("kept"))
    }
}
