import Dispatch
import JSON
import Kubernetes
import KubernetesModel
import Testing

@Suite(.timeLimit(.minutes(10))) struct MisbehavingServerCacheTests {
    /// Runs caches of a cluster until it was asked so often, and then until they know what is there.
    private func follow(_ cluster: FaultyCluster, requests: Int) async throws {
        try await RunningCaches.run(
            watch: { $0.silence = .milliseconds(250) },
            answer: cluster.answer
        ) { running, server in
            await running.wait { _ in server.requests.count >= requests }
            cluster.stop()
            // All at one moment: on a busy machine a good watch may well be silent for too long now and then.
            await running.wait { caches in
                cluster.differing(caches).isEmpty
                    && caches.reports.allSatisfy { $0.state.isSynced && $0.state.isConnected }
                    && caches.reports.allSatisfy { $0.state.lastError == nil }
                    && caches.pods[ResourceKey(name: "last")] != nil
            }
        }
    }

    @Test(
        "caches know what is there after a server misbehaved in one way",
        arguments: Misbehaviour.allCases
    )
    func oneWay(misbehaviour: Misbehaviour) async throws {
        // A good answer comes in between, or there would be nothing to lose.
        let cluster = FaultyCluster(seed: 1) { request, random in random(3) == 0 ? nil : misbehaviour }
        try await follow(cluster, requests: 60)
    }

    @Test(
        "caches know what is there after a server misbehaved at random",
        arguments: 1...4 as ClosedRange<UInt64>
    )
    func everything(seed: UInt64) async throws {
        let ways = Misbehaviour.allCases
        let cluster = FaultyCluster(seed: seed) { request, random in
            random(4) == 0 ? nil : ways[random(ways.count)]
        }
        try await follow(cluster, requests: 400)
    }

    @Test func `a cache whose lists are good and whose watches fail is not said to be connected`()
        async throws
    {
        let served = ServedPods()
        served.put("a")
        try await RunningCaches.run(answer: { request, connection in
            if request.query["watch"] != nil {
                connection.answer(failure(500, "InternalError"), status: 500)
            } else {
                served.serve(request, connection)
            }
        }) { running, server in
            func lists() -> Int {
                server.requests.count { $0.path == "/api/v1/pods" && $0.query["watch"] == nil }
            }
            // After a second list nothing is better than after the first.
            for seen in 1...3 {
                await running.wait { _ in lists() > seen }
                // Looked at once: the next list is good again for a moment.
                var state = running.caches.pods.state
                await running.wait { caches in
                    state = caches.pods.state
                    return state.isSynced && !state.isConnected
                }
                #expect(state.lastError?.status?.code == 500)
            }
            #expect(running.caches.pods.count == 1)
        }
    }

    @Test func `an object goes when it is deleted, even when the rest of it cannot be read`() async throws {
        let served = ServedPods()
        served.put("a")
        served.put("b")
        try await RunningCaches.run(answer: { request, connection in
            guard request.path == "/api/v1/pods", request.query["watch"] != nil else {
                return served.serve(request, connection)
            }
            connection.begin()
            let last: JSONValue = [
                "metadata": ["name": "a", "resourceVersion": "103", "labels": "none"], "spec": 5,
            ]
            connection.chunk(ServedPods.line("DELETED", last))
            connection.waitForHangUp()
        }) { running, _ in
            await running.wait { $0.pods.count == 1 }
            #expect(running.caches.pods.objects.map(\.metadata.name) == ["b"])
        }
    }

    @Test func `an object that cannot be read is told of until it can be`() async throws {
        let served = ServedPods()
        let unreadable: JSONValue = ["metadata": ["name": "b", "resourceVersion": "101", "labels": "none"]]
        let (first, second) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        try await RunningCaches.run(answer: { request, connection in
            guard request.path == "/api/v1/pods" else { return served.serve(request, connection) }
            guard request.query["watch"] != nil else {
                return connection.answer([
                    "kind": "PodList", "apiVersion": "v1", "metadata": ["resourceVersion": "102"],
                    "items": [ServedPods.pod("a", 100), unreadable],
                ])
            }
            connection.begin()
            first.wait()
            connection.chunk(ServedPods.line("MODIFIED", ServedPods.pod("a", 103)))
            second.wait()
            connection.chunk(ServedPods.line("MODIFIED", ServedPods.pod("b", 104)))
            connection.waitForHangUp()
        }) { running, _ in
            func isTold(_ caches: ClusterCaches) -> Bool {
                if case .decoding = caches.pods.state.lastError { true } else { false }
            }
            await running.wait { $0.pods.state.isSynced && $0.pods.state.isConnected }
            #expect(isTold(running.caches))
            first.signal()
            await running.wait { $0.pods[ResourceKey(name: "a")]?.metadata.resourceVersion == "103" }
            #expect(isTold(running.caches))
            #expect(running.caches.pods.count == 1)
            second.signal()
            await running.wait { $0.pods.count == 2 }
            #expect(running.caches.pods.state.lastError == nil)
        }
    }
}
