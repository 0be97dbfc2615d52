import Testing

/// `Expect: 100-continue`, RFC 9110 §10.1.1.
@Suite(.timeLimit(.minutes(10)))
struct ExpectationTests {
    private static let expecting = ["Expect: 100-Continue", "Content-Length: 5"]

    @Test func `a body that is welcome is asked for`() async throws {
        try await withServer { server async throws in
            for target in ["/bytes", "/async-bytes"] {
                let client = try server.connect()
                try client.send(Requests.request("POST", target, Self.expecting))
                let interim = try client.readResponse()
                #expect(interim.status == 100)
                #expect(interim.fields.isEmpty)
                try client.send("hello" + Requests.text)
                #expect(try client.readResponse().text == "hello")
                #expect(try client.readResponse().body == TestRoutes.text)
            }
        }
    }

    @Test func `a chunked body is asked for too`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Requests.chunked("/bytes", "", fields: ["Expect: 100-continue"]))
            #expect(try client.readResponse().status == 100)
            try client.send("5\r\nhello\r\n0\r\n\r\n")
            #expect(try client.readResponse().text == "hello")
        }
    }

    @Test(arguments: [
        ("/nowhere", "Content-Length: 5", 404), ("/text", "Content-Length: 5", 405),
        ("/bytes", "Content-Length: 5000000", 413), ("/echo", "Content-Length: 5", 415),
        ("/nowhere", "Transfer-Encoding: chunked", 404),
    ])
    func `a body that is not welcome is not asked for`(
        _ target: String,
        _ framing: String,
        _ status: Int
    ) async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Requests.request("POST", target, ["Expect: 100-continue", framing]))
            let response = try client.readResponse()
            #expect(response.status == status)
            // The client may send the body or not; so what follows could be taken for either.
            #expect(response["connection"] == "close")
            #expect(try client.isClosedByPeer)
        }
    }

    @Test func `nothing is asked for when there is no body`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Requests.get("/text", "Expect: 100-continue"))
            #expect(try client.readResponse().status == 200)
        }
    }

    @Test func `an HTTP/1.0 client is not sent what it does not know`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send("POST /bytes HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello")
            let response = try client.readResponse()
            #expect(response.status == 200)
            #expect(response.text == "hello")
        }
    }
}
