import Dispatch
import Glibc
import HTTPServer
import HTTPTypes
import JSON
import Logging
import Telemetry
import Testing

/// One line for each answer, whatever became of the request.
@Suite(.timeLimit(.minutes(10)))
struct AccessLogTests {
    /// Answers `requests`, each on a connection of its own, and returns the log's lines.
    private static func lines(of requests: [String], level: Logger.Level = .info) async throws -> [JSONValue]
    {
        // A file without a name, which goes when it is closed.
        let file = try #require(tmpfile())
        defer { fclose(file) }
        let writer = LogWriter(fileDescriptor: fileno(file), format: .json)
        let log = AccessLog(writer, threshold: LogThreshold(level))
        try await withServer(accessLog: log) { server async throws in
            for request in requests {
                let client = try server.connect()
                try client.send(request)
                client.shutdownWrite()
                _ = try client.readToEnd()
            }
        }
        try #require(writer.flush(timeout: .seconds(Patience.seconds)))
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = pread(fileno(file), &bytes, bytes.count, 0)
        return try bytes.prefix(max(count, 0)).split(separator: 0x0A).map { try JSONValue(parsing: $0) }
    }

    @Test func `a line tells who asked for what, and what came of it`() async throws {
        let lines = try await Self.lines(of: [Requests.get("/text?a=b%20c", "X-Request-Id: one")])
        let line = try #require(lines.first)
        #expect(lines.count == 1)
        #expect(line["level"]?.stringValue == "info")
        #expect(line["request_id"]?.stringValue == "one")
        #expect(line["method"]?.stringValue == "GET")
        #expect(line["path"]?.stringValue == "/text")
        #expect(line["query"]?.stringValue == "a=b%20c")
        #expect(line["status"]?.integerValue == 200)
        #expect(line["bytes"]?.integerValue == 5)
        #expect(line["duration_us"]?.integerValue != nil)
        #expect(line["remote"]?.stringValue?.hasPrefix("127.0.0.1:") == true)
    }

    @Test func `every kind of answer has its line`() async throws {
        let expected: [(request: String, status: Int64, bytes: Int64, isCut: Bool?)] = [
            (Requests.slow, 200, 12, nil), (Requests.get("/fail"), 500, -1, nil),
            (Requests.request("HEAD", "/text"), 200, 0, nil), (Requests.get("/nowhere"), 404, -1, nil),
            (Requests.get("/stream/2"), 200, 16, nil), (Requests.get("/broken"), 200, 5, true),
            ("bad\r\n\r\n", 400, -1, nil), (Requests.request("POST", "/bytes", body: "abc"), 200, 3, nil),
            (Requests.request("OPTIONS", "*"), 204, 0, nil),
        ]
        let lines = try await Self.lines(of: expected.map(\.request))
        #expect(lines.count == expected.count)
        for (line, expected) in zip(lines, expected) {
            #expect(line["status"]?.integerValue == expected.status)
            if expected.bytes >= 0 { #expect(line["bytes"]?.integerValue == expected.bytes) }
            #expect(line["cut"]?.boolValue == expected.isCut)
        }
    }

    @Test func `values of secret parameters are not in it`() async throws {
        let lines = try await Self.lines(of: [Requests.get("/secret?token=abc&a=b&tok%65n=def")])
        #expect(lines.first?["query"]?.stringValue == "token=***&a=b&tok%65n=***")
    }

    @Test func `above its level there are no lines`() async throws {
        #expect(try await Self.lines(of: [Requests.text], level: .warning).isEmpty)
    }
}
