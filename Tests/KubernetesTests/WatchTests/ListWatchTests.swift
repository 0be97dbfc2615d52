import HTTPClient
import JSON
import Kubernetes
import KubernetesModel
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct ListWatchTests {
    private static var settings: ListWatch.Settings {
        var settings = ListWatch.Settings()
        settings.pageSize = 2
        return settings
    }

    @Test func `a list in parts is followed by what happens then`() async throws {
        let served = ServedPods()
        for name in ["a", "b", "c", "d", "e"] { served.put(name) }
        let isChanged = Mutex(false)
        try await withClient(answer: served.serve) { client, server in
            let follower = try await follow(client.watch(pods, settings: Self.settings)) { follower in
                if follower.isSynced,
                    !isChanged.withLock({ changed in
                        let was = changed; changed = true; return was
                    })
                {
                    #expect(follower.pods == served.pods)
                    served.put("f")
                    served.put("a")
                    served.delete("b")
                }
                return follower.pods == served.pods && follower.pods["f"] != nil
            }
            #expect(follower.faults == [])
            #expect(follower.statuses == [.connected])
            let requests = server.requests
            #expect(requests.prefix(3).map { $0.query["continue"] } == [nil, "part-1", "part-2"])
            let watch = try #require(requests.first { $0.query["watch"] != nil }).query
            #expect(watch["resourceVersion"] == "105")
            #expect(watch["allowWatchBookmarks"] == "true")
            #expect(watch["timeoutSeconds"] == "300")
        }
    }

    @Test func `selectors and namespace go with the list and the watch`() async throws {
        let served = ServedPods()
        try await withClient(answer: served.serve) { client, server in
            let selection = ObjectSelection(
                labels: LabelSelector(matching: ["app": "x"]),
                fields: try FieldSelector("spec.nodeName=n")
            )
            _ = try await follow(client.watch(pods, namespace: "team", selection)) {
                $0.statuses == [.connected]
            }
            #expect(server.requests.map(\.path) == Array(repeating: "/api/v1/namespaces/team/pods", count: 2))
            #expect(server.requests.map { $0.query["labelSelector"] } == ["app=x", "app=x"])
            #expect(
                server.requests.map { $0.query["fieldSelector"] } == ["spec.nodeName=n", "spec.nodeName=n"]
            )
        }
    }

    @Test func `after a cut in the middle of an event the watch goes on behind the last whole one`()
        async throws
    {
        let served = ServedPods()
        let watches = Mutex(0)
        try await withClient(answer: { request, connection in
            guard request.query["watch"] != nil,
                watches.withLock({
                    $0 += 1; return $0
                }) == 1
            else {
                return served.serve(request, connection)
            }
            served.put("a")
            served.put("b")
            guard let lines = served.lines(after: 100)?.lines else { return }
            connection.begin()
            connection.chunk(lines[0] + lines[1].prefix(30))
            connection.cut()
        }) { client, server in
            let follower = try await follow(client.watch(pods, settings: Self.settings)) {
                $0.pods.count == 2
            }
            #expect(follower.faults == [])
            #expect(follower.statuses == [.connected])
            let versions = server.requests.filter { $0.query["watch"] != nil }.map {
                $0.query["resourceVersion"]
            }
            #expect(versions == ["100", "101"])
        }
    }

    @Test("what was forgotten is listed anew", arguments: [true, false])
    func forgotten(isInStream: Bool) async throws {
        let served = ServedPods()
        served.put("a")
        served.put("b")
        let watches = Mutex(0)
        try await withClient(answer: { request, connection in
            guard request.query["watch"] != nil,
                watches.withLock({
                    $0 += 1; return $0
                }) == 1
            else {
                return served.serve(request, connection)
            }
            served.delete("a")
            served.put("c")
            served.forget()
            if isInStream {
                served.serveWatch(request, connection)
            } else {
                connection.answer(failure(410, "Gone"), status: 410)
            }
        }) { client, server in
            let follower = try await follow(client.watch(pods, settings: Self.settings)) {
                $0.pods["c"] != nil
            }
            #expect(follower.faults == [])
            #expect(!follower.statuses.contains { if case .interrupted = $0 { true } else { false } })
            #expect(follower.pods == served.pods)
        }
    }

    @Test func `a list whose next part is forgotten begins anew`() async throws {
        let served = ServedPods()
        for name in ["a", "b", "c"] { served.put(name) }
        try await withClient(answer: { request, connection in
            if request.query["continue"] == "part-1" {
                served.delete("a")
                served.forget()
            }
            served.serve(request, connection)
        }) { client, _ in
            let follower = try await follow(client.watch(pods, settings: Self.settings)) { $0.isSynced }
            #expect(follower.faults == [])
            #expect(follower.pods == served.pods)
        }
    }

    @Test func `a connection that went silent is given up, and the watch goes on`() async throws {
        let served = ServedPods()
        let watches = Mutex(0)
        try await withClient(answer: { request, connection in
            guard request.query["watch"] != nil,
                watches.withLock({
                    $0 += 1; return $0
                }) == 1
            else {
                return served.serve(request, connection)
            }
            connection.begin()
            served.put("a")
            connection.waitForHangUp()
        }) { client, server in
            var settings = Self.settings
            settings.silence = .milliseconds(300)
            let follower = try await follow(client.watch(pods, settings: settings)) {
                $0.pods.count == 1
            }
            #expect(follower.faults == [])
            #expect(server.requests.filter { $0.query["watch"] != nil }.count >= 2)
        }
    }

    @Test func `a busy server is asked again when it says, a broken one after growing pauses`() async throws {
        let served = ServedPods()
        let time = VirtualTime()
        try await withClient(
            timing: time.timing,
            answer: { request, connection in
                switch request.number {
                case 0:
                    connection.answer(
                        failure(429, "TooManyRequests"),
                        status: 429,
                        headers: ["Retry-After": "7"]
                    )
                case 1...3: connection.answer(failure(500, "InternalError"), status: 500)
                default: served.serve(request, connection)
                }
            }
        ) { client, _ in
            let follower = try await follow(client.watch(pods, settings: Self.settings)) {
                $0.statuses.last == .connected
            }
            // Half of 0.5, 1, 2 and 4 seconds; with what the server said before the first.
            #expect(time.waits == [.milliseconds(7125), .milliseconds(500), .seconds(1), .seconds(2)])
            #expect(follower.statuses.count == 3)
        }
    }

    @Test func `a server that ends each watch at once is not asked at once`() async throws {
        let served = ServedPods()
        let time = VirtualTime()
        try await withClient(
            timing: time.timing,
            answer: { request, connection in
                guard request.query["watch"] != nil, request.number < 9 else {
                    return served.serve(request, connection)
                }
                connection.begin()
                connection.end()
            }
        ) { client, server in
            _ = try await follow(client.watch(pods, settings: Self.settings)) { _ in
                server.requests.count >= 10
            }
            #expect(time.waits.prefix(8).map { $0 / .milliseconds(250) } == [1, 2, 4, 8, 16, 32, 60, 60])
        }
    }

    @Test(
        "a resource that is not served or must not be read is reported, and tried again slowly",
        arguments: [403, 404]
    )
    func unavailable(code: Int) async throws {
        let served = ServedPods()
        served.put("a")
        let time = VirtualTime()
        try await withClient(
            timing: time.timing,
            answer: { request, connection in
                if request.number < 2 {
                    connection.answer(failure(code, code == 403 ? "Forbidden" : "NotFound"), status: code)
                } else {
                    served.serve(request, connection)
                }
            }
        ) { client, _ in
            let follower = try await follow(client.watch(pods, settings: Self.settings)) { $0.isSynced }
            #expect(time.waits == [.seconds(45), .seconds(45)])
            guard case .unavailable(let error) = follower.statuses.first else {
                Issue.record("\(follower.statuses)")
                return
            }
            #expect(error.status?.code == code)
            #expect(follower.statuses.count == 1)
        }
    }

    @Test func `a version from the future, after the server was set back, leads to a new list`() async throws
    {
        let served = ServedPods()
        let tooLarge = APIStatus(
            code: 504,
            reason: .timeout,
            message: "Timeout: Too large resource version: 100, current: 3",
            causes: [
                .init(reason: "ResourceVersionTooLarge", message: "Too large resource version", field: "")
            ]
        )
        try await withClient(answer: { request, connection in
            if request.number == 1 {
                connection.answer(tooLarge.json, status: 504)
            } else {
                served.serve(request, connection)
            }
        }) { client, server in
            _ = try await follow(client.watch(pods, settings: Self.settings)) {
                $0.statuses.last == .connected
            }
            #expect(server.requests.prefix(4).map { $0.query["watch"] } == [nil, "true", nil, "true"])
        }
    }

    @Test func `an event that can never be read leads to a new list in the end`() async throws {
        let served = ServedPods()
        let lists = Mutex(0)
        var settings = Self.settings
        settings.longestEvent = 1000
        try await withClient(answer: { request, connection in
            if request.query["watch"] == nil {
                lists.withLock { $0 += 1 }
            } else if lists.withLock({ $0 }) == 1 {
                connection.begin()
                connection.chunk(String(repeating: " ", count: 2000))
                connection.waitForHangUp()
                return
            }
            served.serve(request, connection)
        }) { client, server in
            let follower = try await follow(client.watch(pods, settings: settings)) { _ in
                lists.withLock { $0 } == 2 && server.requests.last?.query["watch"] != nil
            }
            let requests = server.requests.map { $0.query["watch"] != nil }
            #expect(
                follower.statuses.contains(.interrupted(.decoding("a watch event has more than 1000 bytes")))
            )
            // The same version is asked for several times before everything is read anew.
            let second = try #require(requests.dropFirst().firstIndex(of: false))
            #expect(requests[..<second] == [false, true, true, true, true, true])
        }
    }

    @Test func `events that come together can be taken together`() async throws {
        let served = ServedPods()
        for name in ["a", "b"] { served.put(name) }
        try await withClient(answer: served.serve) { client, _ in
            var iterator = client.watch(pods, settings: Self.settings).makeAsyncIterator()
            let batch = try #require(await iterator.nextBatch())
            #expect(batch.count == 4)
        }
    }

    @Test func `a watch ends when its task is cancelled`() async throws {
        let served = ServedPods()
        try await withClient(answer: served.serve) { client, _ in
            let isConnected = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                var events = 0
                for await event in client.watch(pods, settings: Self.settings) {
                    events += 1
                    if case .status(.connected) = event { isConnected.continuation.finish() }
                }
                return events
            }
            for await _ in isConnected.stream {}
            task.cancel()
            #expect(await task.value >= 3)
        }
    }

    @Test func `a watch ends when its HTTP client is shut down`() async throws {
        let served = ServedPods()
        let server = try ScriptedServer(served.serve)
        let http = try HTTPClient()
        let client = KubernetesClient(
            configuration: ClusterConfiguration(server: server.url, origin: "a test"),
            http: http,
            timing: VirtualTime().timing
        )
        var iterator = client.watch(pods, settings: Self.settings).makeAsyncIterator()
        #expect(await iterator.next() != nil)
        await http.shutDown()
        while await iterator.next() != nil {}
    }
}
