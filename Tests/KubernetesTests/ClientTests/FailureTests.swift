import HTTPClient
import JSON
import Kubernetes
import KubernetesModel
import Testing

@Suite struct FailureTests {
    @Test func `a Status becomes an error with reason and causes`() async throws {
        let status = APIStatus(
            code: 409,
            reason: .conflict,
            message: "Apply failed with 1 conflict",
            causes: [
                .init(
                    reason: "FieldManagerConflict",
                    message: "conflict with \"kubectl\"",
                    field: ".spec.replicas"
                )
            ]
        )
        try await withClient(answer: { $1.answer(status.json, status: 409) }) { client, _ in
            let error = await #expect(throws: KubernetesError.self) {
                try await client.apply(deployments, ["metadata": ["name": "a"]], namespace: "n", manager: "m")
            }
            #expect(error == .status(status))
            #expect(error?.isConflict == true)
            #expect(error?.status?.causes.first?.field == ".spec.replicas")
        }
    }

    @Test func `an answer that is no Status gets the reason of its code`() async throws {
        try await withClient(answer: { $1.answer(Array("<html>\nbad gateway</html>".utf8), status: 502) }) {
            client,
            _ in
            let error = await #expect(throws: KubernetesError.self) {
                try await client.get(pods, "a", namespace: "n")
            }
            #expect(error?.description == "the server answered with status 502: <html> bad gateway</html>")
            #expect(error?.isUnavailable == true)
        }
    }

    @Test func `a server that is not there is told from one that refuses`() async throws {
        let closed = try ClosedPort()
        let port = closed.port
        try await withClient({ $0.server = "http://127.0.0.1:\(port)" }, answer: { _, _ in }) { client, _ in
            let error = await #expect(throws: KubernetesError.self) {
                try await client.get(pods, "a", namespace: "n")
            }
            guard case .unreachable(let reason) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(reason.kind == .connect)
            #expect(error?.isUnavailable == true)
        }
        withExtendedLifetime(closed) {}
    }

    @Test func `an answer that is not JSON is a decoding error`() async throws {
        try await withClient(answer: { $1.answer(Array("{".utf8)) }) { client, _ in
            let error = await #expect(throws: KubernetesError.self) {
                try await client.get(pods, "a", namespace: "n")
            }
            guard case .decoding = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func `a server that is busy is asked again when it says`() async throws {
        let time = VirtualTime()
        try await withClient(
            timing: time.timing,
            answer: { request, connection in
                if request.number < 2 {
                    connection.answer(
                        failure(429, "TooManyRequests"),
                        status: 429,
                        headers: ["Retry-After": "3"]
                    )
                } else {
                    connection.answer(["ok": true])
                }
            }
        ) { client, server in
            let made = try await client.create(pods, [:], namespace: "n")
            #expect(made == ["ok": true])
            #expect(server.requests.count == 3)
            #expect(time.waits == [.seconds(3), .seconds(3)])
        }
    }

    @Test func `a write that may have been made is not made again`() async throws {
        try await withClient(
            answer: {
                $1.answer(failure(503, "ServiceUnavailable"), status: 503, headers: ["Retry-After": "1"])
            }
        ) { client, server in
            await #expect(throws: KubernetesError.self) { try await client.create(pods, [:], namespace: "n") }
            #expect(server.requests.count == 1)
            await #expect(throws: KubernetesError.self) { try await client.get(pods, "a", namespace: "n") }
            #expect(server.requests.count == 5)
        }
    }

    @Test func `a list in parts keeps its version, and a forgotten part ends it`() async throws {
        try await withClient(answer: { request, connection in
            switch request.query["continue"] {
            case nil:
                connection.answer([
                    "metadata": ["resourceVersion": "9", "continue": "next"],
                    "items": [["metadata": ["name": "a", "resourceVersion": "1"]]],
                ])
            case "next" where request.query["labelSelector"] == nil:
                connection.answer([
                    "metadata": ["resourceVersion": "9"],
                    "items": [["metadata": ["name": "b", "resourceVersion": "2"]]],
                ])
            default: connection.answer(failure(410, "Expired"), status: 410)
            }
        }) { client, server in
            let list = try await client.list(pods, pageSize: 1)
            #expect(list.resourceVersion == "9")
            #expect(list.items.compactMap { $0["metadata"]?["name"]?.stringValue } == ["a", "b"])
            #expect(server.requests.map(\.path) == ["/api/v1/pods", "/api/v1/pods"])
            #expect(server.requests.map { $0.query["limit"] } == ["1", "1"])
            let selection = ObjectSelection(labels: LabelSelector(matching: ["a": "b"]))
            let error = await #expect(throws: KubernetesError.self) { try await client.list(pods, selection) }
            #expect(error?.isGone == true)
        }
    }
}
