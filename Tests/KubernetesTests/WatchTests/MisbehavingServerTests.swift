import JSON
import Kubernetes
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct MisbehavingServerTests {
    private static var settings: ListWatch.Settings {
        var settings = ListWatch.Settings()
        settings.pageSize = 3
        settings.silence = .milliseconds(250)
        return settings
    }

    @Test(
        "a server that always misbehaves in one way loses and doubles nothing",
        arguments: Misbehaviour.allCases
    )
    func oneWay(misbehaviour: Misbehaviour) async throws {
        let served = ServedPods()
        for number in 0..<5 { served.put("pod-\(number)") }
        try await withClient(answer: { request, connection in
            // A good answer comes in between, or there would be nothing to lose.
            if request.number % 3 == 0 || request.number > 20 {
                if request.query["watch"] == nil {
                    served.serve(request, connection)
                } else {
                    served.serveWatch(request, connection, lines: 2)
                }
            } else {
                misbehaviour.answer(request, connection, served)
            }
        }) { client, _ in
            var steps = 0
            // Noted at once: the server may change something again on its own.
            var isEqual = false
            let follower = try await follow(client.watch(pods, settings: Self.settings)) { follower in
                guard follower.isSynced, steps < 10 else {
                    isEqual = steps == 10 && follower.pods == served.pods
                    return isEqual
                }
                steps += 1
                served.put("pod-\(steps % 7)")
                if steps % 3 == 0 { served.delete("pod-\(steps % 5)") }
                return false
            }
            #expect(follower.faults == [])
            #expect(isEqual)
        }
    }

    @Test(
        "the final state equals the server's, whatever the server does",
        arguments: [1, 2, 3, 4, 5, 6] as [UInt64]
    )
    func everything(seed: UInt64) async throws {
        let served = ServedPods()
        let generator = Mutex(SeededGenerator(state: seed))
        let random = { @Sendable (count: Int) in generator.withLock { Int.random(in: 0..<count, using: &$0) }
        }
        for number in 0..<8 { served.put("pod-\(number)") }
        let isOver = Mutex(false)
        try await withClient(answer: { request, connection in
            if isOver.withLock({ $0 }) { return served.serve(request, connection) }
            for _ in 0..<random(4) {
                let name = "pod-\(random(12))"
                if random(3) == 0 { served.delete(name) } else { served.put(name) }
            }
            if request.number >= 60 {
                // In this order, or a client that has given this connection up could find everything over and the last one missing.
                served.put("last")
                isOver.withLock { $0 = true }
            }
            let ways = Misbehaviour.allCases
            ways[random(ways.count)].answer(request, connection, served)
        }) { client, _ in
            let follower = try await follow(client.watch(pods, settings: Self.settings)) { follower in
                isOver.withLock { $0 } && follower.pods == served.pods
            }
            #expect(follower.faults == [])
            #expect(follower.pods["last"] != nil)
        }
    }
}
