import HTTPTypes
import Testing

@testable import HTTPServer

/// The least rate at which a body must come. Time is given to the code under test, so nothing here takes long.
@Suite struct BodyRateTests {
    private static let second: UInt64 = 1_000_000_000

    /// Feeds `bytes` bytes of a body each second; the second in which it is refused, or nil when it never is in a minute.
    private func refusal(framing: BodyFraming, bytes: [UInt8], minimum: Int) throws -> Int? {
        let head = RequestHead()
        head.framing = framing
        let remote = try #require(SocketAddress(host: "127.0.0.1", port: 1))
        var exchange = Exchange(
            head: head,
            remote: remote,
            identity: .made(0, 0),
            outcome: .options(allow: ""),
            surface: 0,
            route: nil,
            started: 0,
            mustClose: false
        )
        exchange.startBody(limit: 1 << 20, now: Self.second)
        var limits = ServerLimits()
        limits.minimumBodyRate = minimum
        for elapsed in 1...60 {
            let now = Self.second * UInt64(elapsed + 1)
            switch exchange.takeBody(bytes.span, from: 0, now: now, limits: limits) {
            case .incomplete: continue
            case .refused(let refusal):
                #expect(refusal == .bodyTooSlow)
                return elapsed
            case .complete: Issue.record("the body is not that short")
            }
        }
        return nil
    }

    @Test func `a body slower than the least rate is refused after five seconds`() throws {
        let piece = [UInt8](repeating: 0x61, count: 99)
        #expect(try refusal(framing: .length(100_000), bytes: piece, minimum: 100) == 6)
        let chunk = Array("5d\r\n\(String(repeating: "a", count: 93))\r\n".utf8)
        #expect(chunk.count == 99)
        #expect(try refusal(framing: .chunked, bytes: chunk, minimum: 100) == 6)
    }

    @Test func `a body at the least rate is taken, and any where there is none`() throws {
        let piece = [UInt8](repeating: 0x61, count: 100)
        #expect(try refusal(framing: .length(100_000), bytes: piece, minimum: 100) == nil)
        #expect(try refusal(framing: .length(100_000), bytes: [0x61], minimum: 0) == nil)
    }
}
