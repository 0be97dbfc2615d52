import Certificates
import HTTPServer
import Testing

/// What is said behind TLS, however it travels.
@Suite(.timeLimit(.minutes(10)))
struct TLSTrafficTests {
    @Test func `a handshake that comes byte by byte is one like any other`() async throws {
        try await withServer(tls: .make()) { server async throws in
            let session = try #require(try server.tls?.client())
            let client = try RawClient(port: server.port)
            while try !session.advance() {
                for byte in session.takeOutgoing() { try client.sendRaw([byte]) }
                session.feed(try #require(try client.receiveRaw()))
            }
            // The client's last message and its request may come in one piece.
            try client.sendRaw(session.encrypt(Array(Requests.text.utf8)))
            var received: [UInt8] = []
            while !String(decoding: received, as: UTF8.self).hasSuffix("hello") {
                session.feed(try #require(try client.receiveRaw()))
                received += try session.decrypt()
            }
        }
    }

    @Test func `a handshake may end anywhere`() async throws {
        try await withServer(tls: .make()) { server async throws in
            let session = try #require(try server.tls?.client())
            _ = try session.advance()
            let hello = session.takeOutgoing()
            for end in stride(from: 0, through: hello.count, by: 7) {
                let client = try RawClient(port: server.port)
                try client.sendRaw(hello[..<end])
                if end % 2 == 0 { client.reset() } else { client.close() }
                let half = try RawClient(port: server.port)
                try half.sendRaw(hello[..<end])
                half.shutdownWrite()
                _ = try half.readToEnd()
            }
            #expect(try server.isServing())
        }
    }

    @Test func `garbage ends its own connection only`() async throws {
        try await withServer(tls: .make()) { server async throws in
            let session = try #require(try server.tls?.client())
            _ = try session.advance()
            let hello = session.takeOutgoing()
            var generator = SeededGenerator(seed: 20)
            let steady = try server.connect()
            for round in 0..<300 {
                var bytes = hello
                if round % 3 == 0 {
                    bytes = (0..<Int.random(in: 1...600, using: &generator)).map { _ in
                        UInt8.random(in: .min ... .max, using: &generator)
                    }
                } else {
                    for _ in 0...(round % 5) {
                        bytes[Int.random(in: 0..<bytes.count, using: &generator)] ^=
                            UInt8.random(in: 1...255, using: &generator)
                    }
                }
                let client = try RawClient(port: server.port)
                try client.sendRaw(bytes)
                client.shutdownWrite()
                _ = try client.readToEnd()
            }
            try steady.send(Requests.text)
            #expect(try steady.readResponse().status == 200)
        }
    }

    @Test func `a record that was changed on its way ends the connection`() async throws {
        try await withServer(tls: .make()) { server async throws in
            let session = try #require(try server.tls?.client())
            let client = try RawClient(port: server.port, tls: session)
            try client.send(Requests.text)
            #expect(try client.readResponse().status == 200)
            var record = try session.encrypt(Array(Requests.text.utf8))
            record[record.count - 1] ^= 1
            try client.sendRaw(record)
            let failure = #expect(throws: TLSClientSession.Failure.self) { try client.readToEnd() }
            #expect(failure?.reason.contains("bad record mac") == true)
            #expect(try server.isServing())
        }
    }

    @Test func `a handshake that stalls is given up when a request head would be`() async throws {
        try await withServer(tls: .make()) { settings in
            settings.limits.headTimeout = .milliseconds(200)
        } _: { server async throws in
            let session = try #require(try server.tls?.client())
            _ = try session.advance()
            for bytes in [[], Array(session.takeOutgoing().prefix(50))] {
                let client = try RawClient(port: server.port)
                try client.sendRaw(bytes)
                #expect(try client.isClosedByPeer)
            }
            // A client that is past its handshake and silent, too. On a busy machine the handshake itself may take too long; so
            // the next one gets more time for it.
            var timeout = Duration.milliseconds(200)
            while true {
                let client = try server.connect()
                try client.shakeHands(#require(client.tls))
                #expect(try client.isClosedByPeer)
                if client.tls?.isEnded == true { break }
                timeout *= 2
                try #require(timeout < .seconds(Patience.seconds), "nobody was told goodbye")
                var settings = ServerSettings.patient
                settings.limits.headTimeout = timeout
                server.server.apply(settings)
            }
        }
    }

    @Test(arguments: [1, 16 * 1024, 3_000_000])
    func `bodies of any size go both ways`(_ size: Int) async throws {
        try await withServer(tls: .make()) { server async throws in
            let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let head = "POST /async-bytes HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(size)\r\n\r\n"
            let client = try server.connect()
            for _ in 0..<3 {
                try client.send(Array(head.utf8) + body)
                #expect(try client.readResponse().body == body)
            }
        }
    }

    @Test func `a request byte by byte in records of their own is understood`() async throws {
        try await withServer(tls: .make()) { server async throws in
            let client = try server.connect()
            for byte in Requests.request("POST", "/bytes", body: "abc").utf8 { try client.send([byte]) }
            #expect(try client.readResponse().text == "abc")
        }
    }

    @Test func `the end of an answer is told from its being cut off`() async throws {
        try await withServer(tls: .make()) { server async throws in
            let client = try server.connect()
            try client.send(Requests.get("/text", "Connection: close"))
            #expect(try client.readResponse().body == TestRoutes.text)
            #expect(try client.isClosedByPeer)
            #expect(client.tls?.isEnded == true)
        }
    }

    @Test func `a client that says goodbye after its request gets its answer`() async throws {
        try await withServer(tls: .make()) { server async throws in
            for request in [Requests.text, Requests.slow, Requests.get("/large"), Requests.get("/stream/5")] {
                let client = try server.connect()
                try client.send(request)
                client.shutdownWrite()
                #expect(try client.readResponse().status == 200)
                #expect(try client.isClosedByPeer)
                #expect(client.tls?.isEnded == true)
            }
        }
    }

    @Test func `clients beyond the limit are told so over TLS too`() async throws {
        try await withServer(tls: .make()) { settings in
            settings.limits.connections = 1
        } _: { server async throws in
            let first = try server.connect()
            try first.send(Requests.text)
            #expect(try first.readResponse().status == 200)
            for _ in 0..<3 {
                let response = try server.answer(to: Requests.text)
                #expect(response.status == 503)
                #expect(response["retry-after"] == "1")
            }
            let plain = try RawClient(port: server.port)
            try plain.send(Requests.text)
            #expect(try plain.readResponse().status == 400)
            first.close()
            try eventually { try server.isServing() }
        }
    }

    @Test func `five hundred clients are served at once`() async throws {
        try await withServer(tls: .make()) { server async throws in
            let clients = try (0..<500).map { _ in try server.connect() }
            for client in clients { try client.send(Requests.text) }
            for client in clients { #expect(try client.readResponse().body == TestRoutes.text) }
            for client in clients { try client.send(Requests.slow) }
            for client in clients { #expect(try client.readResponse().body == TestRoutes.laterText) }
        }
    }

    @Test func `a client that reads on gets on`() async throws {
        try await withServer(tls: .make()) { server async throws in
            let client = try server.connect(receiveBuffer: 64 * 1024)
            try client.send(Requests.get("/endless"))
            _ = try client.read(until: "\r\n\r\n")
            for _ in 0..<1024 {
                #expect(try client.read(until: "\r\n") == "4000")
                #expect(try client.read(TestRoutes.chunk.count + 2).count == TestRoutes.chunk.count + 2)
            }
        }
    }

    @Test func `a client that does not read stops its stream`() async throws {
        try await withServer(tls: .make()) { settings in
            settings.limits.writeTimeout = .milliseconds(300)
        } _: { server async throws in
            let client = try server.connect(receiveBuffer: 64 * 1024)
            try client.send(Requests.get("/endless"))
            try server.probes.endedStreams.wait(for: 1)
            #expect(server.probes.chunks.value * TestRoutes.chunk.count < 16 << 20)
            #expect(try server.isServing())
        }
    }
}
