import Testing

/// What the server must not process. Each refused request is followed by a good one on the same connection, and that one must
/// not be answered: after a refusal nobody can say where the next request starts.
@Suite(.timeLimit(.minutes(10)))
struct RefusalTests {
    static let all: [RefusedRequest] =
        RefusedRequest.lineEnds + RefusedRequest.fields + RefusedRequest.requestLines
        + RefusedRequest.versions
        + RefusedRequest.hosts + RefusedRequest.expectations + RefusedRequest.targets + RefusedRequest.escapes
        + RefusedRequest.dotSegments + RefusedRequest.authorities + RefusedRequest.lengths
        + RefusedRequest.codings + RefusedRequest.chunks + RefusedRequest.tooLarge

    @Test(arguments: all)
    func `a request that is not to be processed gets one answer and the end of the connection`(
        _ refused: RefusedRequest
    ) async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(refused.bytes + Array(Requests.text.utf8))
            let response = try client.readResponse()
            #expect(response.status == refused.status)
            #expect(response.code == refused.code)
            #expect(response.isJSONError)
            #expect(response["connection"] == "close")
            #expect(try client.isClosedByPeer, "nothing may follow a refusal")
            #expect(server.probes.bodies.value == 0, "no handler may see a refused request")
            #expect(try server.isServing())
        }
    }

    @Test(arguments: all)
    func `a refusal is the same wherever the bytes are split`(_ refused: RefusedRequest) async throws {
        try await withServer { server async throws in
            let bytes = refused.bytes + Array(Requests.text.utf8)
            for split in 1..<refused.bytes.count {
                try expectRefusal(refused, server) { client in
                    try client.send(bytes[..<split])
                    try client.send(bytes[split...])
                }
            }
            try expectRefusal(refused, server) { try $0.sendByteByByte(bytes) }
        }
    }

    private func expectRefusal(
        _ refused: RefusedRequest,
        _ server: TestServer,
        send: (RawClient) throws -> Void
    ) throws {
        let client = try server.connect()
        try send(client)
        let response = try client.readResponse()
        let isClosed = try client.isClosedByPeer
        #expect(
            response.status == refused.status && response.isJSONError && isClosed,
            "\(response) \(isClosed)"
        )
    }
}
