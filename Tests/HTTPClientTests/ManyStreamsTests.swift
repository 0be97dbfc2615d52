import Glibc
import HTTPClient
import HTTPServer
import Testing

@Suite(.timeLimit(.minutes(10))) struct ManyStreamsTests {
    /// 2,000 streams are open at the same time, each on a connection of its own; then each gets its second chunk and ends.
    @Test func thousandsOfStreamsAreOpenAtOnce() async throws {
        let count = 2000
        Self.allowDescriptors()
        let go = Signal()
        try await withServer { request in
            .repeating(request.path, on: go)
        } _: { client, server in
            let opened = Signal()
            let right = Signal()
            try await withThrowingTaskGroup { group in
                for number in 0..<count {
                    group.addTask {
                        var request = HTTPClientRequest(url: server.url("/\(number)"))
                        request.deadlines.connect = nil
                        let response = try await client.send(request)
                        var iterator = response.body.makeAsyncIterator()
                        let name = Array("/\(number)".utf8)
                        let first = try await iterator.next()
                        opened.add()
                        let second = try await iterator.next()
                        let end = try await iterator.next()
                        if first == name, second == name, end == nil { right.add() }
                    }
                }
                await opened.wait(for: count)
                go.add()
                try await group.waitForAll()
            }
            #expect(right.count == count)
        }
    }

    /// Ends them by dropping them, while the server still waits.
    @Test func thousandsOfStreamsCanBeDropped() async throws {
        let count = 2000
        Self.allowDescriptors()
        let ended = Signal()
        let server = try RawServer { connection in
            guard connection.readHead() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n")
            connection.readToEnd()
            ended.add()
        }
        try await withClient { client in
            let opened = Signal()
            let readers = Task {
                try await withThrowingTaskGroup { group in
                    for _ in 0..<count {
                        group.addTask {
                            var request = HTTPClientRequest(url: server.url)
                            request.deadlines.connect = nil
                            let response = try await client.send(request)
                            for try await _ in response.body { opened.add() }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            await opened.wait(for: count)
            readers.cancel()
            await ended.wait(for: count)
            let error = await failure { try await readers.value }
            #expect(error?.kind == .cancelled)
        }
    }

    /// Both ends of a connection take a descriptor of this process, in which the other tests run at the same time.
    private static func allowDescriptors() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, 1 << 16))
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
