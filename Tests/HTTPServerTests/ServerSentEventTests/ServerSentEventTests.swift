import Testing

@testable import HTTPServer

@Suite("Server-sent events")
struct ServerSentEventTests {
    private func text(_ event: ServerSentEvent) -> String {
        var bytes: [UInt8] = []
        event.append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("an event of data alone is one line and an empty one")
    func plain() {
        #expect(text(ServerSentEvent(data: "hello")) == "data: hello\n\n")
        #expect(text(ServerSentEvent(data: "")) == "data: \n\n")
        #expect(text(ServerSentEvent(data: " two spaces: é 🎈")) == "data:  two spaces: é 🎈\n\n")
    }

    @Test("every field comes in its own line")
    func allFields() {
        let event = ServerSentEvent(id: "42", event: "token", data: "{}", retry: 3000)
        #expect(text(event) == "id: 42\nevent: token\nretry: 3000\ndata: {}\n\n")
    }

    @Test("an empty id is sent, since it takes back the last one")
    func emptyId() {
        #expect(text(ServerSentEvent(id: "", data: "x")) == "id: \ndata: x\n\n")
    }

    @Test(
        "data is split at LF, CR and CR LF, each of which ends one line",
        arguments: [
            ("a\nb", "a|b"), ("a\rb", "a|b"), ("a\r\nb", "a|b"), ("a\n\rb", "a||b"), ("a\r\r\nb", "a||b"),
            ("a\r\n\r\nb", "a||b"), ("a\n", "a|"), ("\r\n", "|"), ("\n\n", "||"), ("\r", "|"),
            ("a\r\n\nb\r", "a||b|"),
        ]
    )
    func lines(data: String, expected: String) {
        let lines = expected.split(separator: "|", omittingEmptySubsequences: false).map { "data: \($0)\n" }
        #expect(text(ServerSentEvent(data: data)) == lines.joined() + "\n")
    }

    @Test("no id and no type can bring lines of their own into the stream")
    func injection() {
        let event = ServerSentEvent(id: "1\r\n\ndata: x\u{0}y", event: "a\rid: 9\nb", data: "d")
        #expect(text(event) == "id: 1data: xy\nevent: aid: 9b\ndata: d\n\n")
    }

    @Test("a negative retry, which no client would take, is left out")
    func retry() {
        #expect(text(ServerSentEvent(data: "x", retry: -1)) == "data: x\n\n")
        #expect(text(ServerSentEvent(data: "x", retry: 0)) == "retry: 0\ndata: x\n\n")
        #expect(text(ServerSentEvent(data: "x", retry: .max)) == "retry: 9223372036854775807\ndata: x\n\n")
    }

    @Test("events follow one another, and a heartbeat is a comment that is no event")
    func stream() {
        var bytes: [UInt8] = []
        ServerSentEvent(data: "1").append(to: &bytes)
        bytes += ServerSentEvent.heartbeat
        ServerSentEvent(data: "2").append(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "data: 1\n\n:\n\ndata: 2\n\n")
    }
}
