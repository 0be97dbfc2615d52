import HTTPClient
import JSON
import Kubernetes
import KubernetesModel
import Synchronization
import Testing

/// How often a server is asked that never does what it should, in time that passes only while the watch waits.
@Suite(.timeLimit(.minutes(10))) struct RestraintTests {
    private static var settings: ListWatch.Settings {
        var settings = ListWatch.Settings()
        settings.pageSize = 3
        return settings
    }

    @Test("a server that only ever misbehaves is not asked all the time", arguments: Misbehaviour.allCases)
    func oneWay(misbehaviour: Misbehaviour) async throws {
        let served = ServedPods()
        for number in 0..<5 { served.put("pod-\(number)") }
        let time = VirtualTime()
        // A test that never ends would tell less than one that ends without enough waits.
        let isDone = AsyncStream.makeStream(of: Void.self)
        try await withClient(
            timing: time.timing,
            answer: { request, connection in
                if request.number >= 40 { isDone.continuation.finish() }
                misbehaviour.answer(request, connection, served)
            }
        ) { client, server in
            var settings = Self.settings
            settings.silence = .milliseconds(100)
            let watch = client.watch(pods, settings: settings)
            let task = Task { for await _ in watch {} }
            for await _ in isDone.stream {}
            let requests = server.requests
            let waits = time.waits
            task.cancel()
            await task.value
            // After a list, its further parts and the watch come at once; after a watch that ended nothing does.
            let begun = requests.count { $0.query["watch"] != nil }
            let lists = requests.count { $0.query["watch"] == nil && $0.query["continue"] == nil }
            #expect(waits.count + 1 >= max(begun, lists), "\(waits)")
            #expect(waits.allSatisfy { $0 >= .milliseconds(250) })
        }
    }

    @Test("a pause that a server asks for has a bound", arguments: [86_400, Int64.max])
    func longPause(seconds: Int64) async throws {
        let served = ServedPods()
        let time = VirtualTime()
        try await withClient(
            timing: time.timing,
            answer: { request, connection in
                guard request.number == 0 else { return served.serve(request, connection) }
                connection.answer(
                    failure(429, "TooManyRequests"),
                    status: 429,
                    headers: ["Retry-After": String(seconds)]
                )
            }
        ) { client, _ in
            _ = try await follow(client.watch(pods, settings: Self.settings)) { $0.isSynced }
            #expect(time.waits == [.milliseconds(300_125)])
        }
    }

    @Test func `a part of a list that leads to itself is not followed for ever`() async throws {
        let served = ServedPods()
        for number in 0..<5 { served.put("pod-\(number)") }
        try await withClient(answer: { request, connection in
            if request.number < 4 {
                Misbehaviour.circle.answer(request, connection, served)
            } else {
                served.serve(request, connection)
            }
        }) { client, server in
            let follower = try await follow(client.watch(pods, settings: Self.settings)) { $0.isSynced }
            #expect(follower.pods == served.pods)
            #expect(follower.statuses.count == 1)
            #expect(
                server.requests.prefix(5).map { $0.query["continue"] } == [nil, "circle", nil, "circle", nil]
            )
        }
    }

    @Test func `what went wrong before is told again when the list in between was good`() async throws {
        let served = ServedPods()
        try await withClient(answer: { request, connection in
            if request.query["watch"] == nil {
                served.serve(request, connection)
            } else {
                connection.answer(failure(403, "Forbidden"), status: 403)
            }
        }) { client, _ in
            let follower = try await follow(client.watch(pods, settings: Self.settings)) {
                $0.statuses.count == 3
            }
            for status in follower.statuses {
                guard case .unavailable(let error) = status else {
                    Issue.record("\(status)")
                    continue
                }
                #expect(error.isForbidden)
            }
        }
    }

    @Test func `a server that ends each watch at once is said to be interrupted`() async throws {
        try await withClient(answer: { request, connection in
            if request.query["watch"] == nil {
                ServedPods().serve(request, connection)
            } else {
                connection.begin()
                connection.end()
            }
        }) { client, _ in
            let follower = try await follow(client.watch(pods, settings: Self.settings)) {
                $0.statuses.count == 3
            }
            let problem = KubernetesError.decoding("the API server ends each watch at once")
            #expect(follower.statuses == [.connected, .interrupted(problem), .connected])
        }
    }

    @Test func `a server that has forgotten each version as soon as it is listed is said to be interrupted`()
        async throws
    {
        let time = VirtualTime()
        try await withClient(
            timing: time.timing,
            answer: { request, connection in
                if request.query["watch"] == nil {
                    ServedPods().serve(request, connection)
                } else {
                    connection.answer(failure(410, "Expired"), status: 410)
                }
            }
        ) { client, _ in
            let follower = try await follow(client.watch(pods, settings: Self.settings)) {
                $0.statuses.count == 1
            }
            guard case .interrupted(let error) = follower.statuses.first else {
                Issue.record("\(follower.statuses)")
                return
            }
            #expect(error.isGone)
        }
    }
}
