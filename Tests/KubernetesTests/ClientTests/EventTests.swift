import JSON
import Kubernetes
import Testing

@Suite struct EventTests {
    @Test func `events about an object come in the order of their times`() async throws {
        let items: JSONValue = [
            [
                "metadata": ["name": "c"], "series": ["lastObservedTime": "2026-01-01T00:00:03.000000Z"],
                "eventTime": "2025-01-01T00:00:00.000000Z",
            ],
            ["metadata": ["name": "b"], "lastTimestamp": "2026-01-01T00:00:02Z", "eventTime": .null],
            [
                "metadata": ["name": "a", "creationTimestamp": "2026-01-01T00:00:01Z"],
                "lastTimestamp": .null,
            ],
        ]
        try await withClient(answer: { $1.answer(["metadata": ["resourceVersion": "1"], "items": items]) }) {
            client,
            server in
            let events = try await client.events(about: "Pod", "p", uid: "u", namespace: "n")
            #expect(events.compactMap { $0["metadata"]?["name"]?.stringValue } == ["a", "b", "c"])
            let request = try #require(server.requests.first)
            #expect(request.path == "/api/v1/namespaces/n/events")
            #expect(
                request.query["fieldSelector"]
                    == "involvedObject.kind=Pod,involvedObject.name=p,involvedObject.uid=u"
            )
        }
    }
}
