import JSON
import Kubernetes
import KubernetesModel
import Testing

@Suite(.timeLimit(.minutes(10))) struct LogConformanceTests {
    private func text(
        _ cluster: ConformingCluster,
        _ pod: String,
        _ change: (inout LogOptions) -> Void = { _ in }
    ) async throws -> String {
        var options = LogOptions()
        change(&options)
        let logs = try await cluster.client.logs(pod: pod, namespace: cluster.namespace, options)
        return String(decoding: try await logs.collect(upTo: 1 << 20), as: UTF8.self)
    }

    @Test func `a log is read whole, in parts and with times`() async throws {
        try await ConformingCluster.use { cluster in
            let pod = ConformingCluster.pod(
                "p",
                scripts: [("main", "echo one; echo two; echo three"), ("side", "echo aside")]
            )
            let made = try await cluster.client.create(.pods, pod, namespace: cluster.namespace)
            _ = try await cluster.wait(.pods, "p") { $0.status["phase"] == "Succeeded" }
            let start = try #require(KubernetesObject(made).creationTimestamp)
            #expect(try await text(cluster, "p") { $0.container = "main" } == "one\ntwo\nthree\n")
            #expect(try await text(cluster, "p") { $0.container = "side" } == "aside\n")
            let ambiguous = await cluster.failure {
                _ = try await $0.logs(pod: "p", namespace: cluster.namespace)
            }
            #expect(ambiguous?.status?.code == 400)
            #expect(ambiguous?.status?.message.contains("[main side]") == true)
            let tail = try await text(cluster, "p") {
                $0.container = "main"
                $0.tailLines = 2
            }
            #expect(tail == "two\nthree\n")
            let bytes = try await text(cluster, "p") {
                $0.container = "main"
                $0.limitBytes = 5
            }
            #expect(bytes == "one\nt")
            let all = try await text(cluster, "p") {
                $0.container = "main"
                $0.sinceSeconds = 3600
            }
            #expect(all == "one\ntwo\nthree\n")
            let none = try await text(cluster, "p") {
                $0.container = "main"
                $0.sinceTime = Timestamp(secondsSinceEpoch: start.secondsSinceEpoch + 3600)
            }
            #expect(none == "")
            let timed = try await text(cluster, "p") {
                $0.container = "main"
                $0.sinceTime = start
                $0.hasTimestamps = true
            }
            let lines = timed.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1) }
            #expect(lines.map(\.last) == ["one", "two", "three"])
            for line in lines { #expect((Timestamp(rfc3339: String(line[0])) ?? start) >= start) }
            #expect(lines.allSatisfy { Timestamp(rfc3339: String($0[0])) != nil })
            let previous = await cluster.failure {
                var options = LogOptions()
                options.container = "main"
                options.isPrevious = true
                _ = try await $0.logs(pod: "p", namespace: cluster.namespace, options)
            }
            #expect(previous?.status?.code == 400)
            #expect(previous?.status?.message.contains("previous terminated container") == true)
        }
    }

    @Test func `a log is followed as it is written, until its pod goes`() async throws {
        try await ConformingCluster.use { cluster in
            let pod = ConformingCluster.pod("p", scripts: [("main", "echo first; sleep 3600")])
            _ = try await cluster.client.create(.pods, pod, namespace: cluster.namespace)
            _ = try await cluster.wait(.pods, "p") { $0.status["phase"] == "Running" }
            var options = LogOptions()
            options.follows = true
            var text = ""
            var isDeleted = false
            for try await chunk in try await cluster.client.logs(
                pod: "p",
                namespace: cluster.namespace,
                options
            ) {
                text += String(decoding: chunk, as: UTF8.self)
                guard text == "first\n", !isDeleted else { continue }
                isDeleted = true
                let now = DeleteOptions(gracePeriodSeconds: 0)
                try await cluster.client.delete(.pods, "p", namespace: cluster.namespace, options: now)
            }
            #expect(text == "first\n")
            #expect(isDeleted)
        }
    }

    @Test func `after a restart the log of the instance before is there`() async throws {
        try await ConformingCluster.use { cluster in
            let pod = ConformingCluster.pod(
                "p",
                restarts: "OnFailure",
                scripts: [("main", "echo run; exit 3")]
            )
            _ = try await cluster.client.create(.pods, pod, namespace: cluster.namespace)
            _ = try await cluster.wait(.pods, "p") {
                ($0.status["containerStatuses"]?[0]?["restartCount"]?.integerValue ?? 0) > 0
            }
            #expect(try await text(cluster, "p") { $0.isPrevious = true } == "run\n")
        }
    }

    @Test func `what happens to a pod is told as events`() async throws {
        try await ConformingCluster.use { cluster in
            let (client, namespace) = (cluster.client, cluster.namespace)
            let pod = ConformingCluster.pod("p", scripts: [("main", "sleep 3600")])
            let made = KubernetesObject(try await client.create(.pods, pod, namespace: namespace))
            var reasons: Set<String> = []
            for await event in client.watch(.events, namespace: namespace) {
                switch event {
                case .listed(let object), .added(let object), .modified(let object):
                    let json = try object.json()
                    guard json["involvedObject"]?["uid"]?.stringValue == made.uid else { continue }
                    reasons.insert(json["reason"]?.stringValue ?? "")
                default: continue
                }
                if reasons.isSuperset(of: ["Scheduled", "Started"]) { break }
            }
            let events = try await client.events(about: "Pod", "p", uid: made.uid, namespace: namespace)
            let told = Set(events.compactMap { $0["reason"]?.stringValue })
            #expect(told.isSuperset(of: ["Scheduled", "Started"]))
            #expect(events.allSatisfy { $0["involvedObject"]?["name"] == "p" && $0["type"] == "Normal" })
            let others = try await client.events(about: "Pod", "q", namespace: namespace)
            #expect(others == [])
        }
    }
}
