import JSON
import KubernetesModel
import Testing

@testable import EmbeddedCluster

@Suite(.timeLimit(.minutes(10)))
struct JobControllerTests {
    private static let controllers: [any Controller] = [
        JobController(), FinishedJobController(), GarbageCollector(),
    ]

    private static func job(_ spec: JSONValue = [:]) -> JSONValue {
        var spec = spec
        spec["template"] = [
            "spec": ["restartPolicy": "Never", "containers": [["name": "c", "image": "busybox"]]]
        ]
        return ["spec": spec]
    }

    private static let succeeding = PlayedKubelet(status: { _ in PlayedKubelet.ended("Succeeded", code: 0) })

    @Test("a job runs as many pods as must succeed, and is then complete")
    func completes() async throws {
        let cluster = try await RunningControllers(Self.controllers, kubelet: Self.succeeding)
        let job = try await cluster.create(.jobs, "j", Self.job(["completions": 5, "parallelism": 2]))
        #expect(job.spec["backoffLimit"] == 6)
        #expect(
            job.spec["selector"]?["matchLabels"]?["batch.kubernetes.io/controller-uid"]?.stringValue
                == job.uid
        )
        try await cluster.eventually("complete") { state in
            state.object(.jobs, "default", "j")?.condition("Complete")?["status"] == "True"
        }
        let done = try #require(cluster.get(.jobs, "j"))
        #expect(done.status["succeeded"] == 5)
        #expect(done.status["active"] == nil)
        #expect(done.status["completionTime"] != nil)
        #expect(done.condition("SuccessCriteriaMet")?["reason"] == "CompletionsReached")
        let pods = cluster.api.list(.pods)
        #expect(pods.count == 5)
        #expect(pods.allSatisfy { $0.finalizers.isEmpty && $0.label("job-name") == "j" })
        try await cluster.eventually("told") { state in
            state.objects(.events).contains { $0.json["reason"] == "Completed" }
        }
    }

    @Test("an indexed job gives each index one success")
    func indexes() async throws {
        let cluster = try await RunningControllers(Self.controllers, kubelet: Self.succeeding)
        try await cluster.create(
            .jobs,
            "j",
            Self.job(["completions": 4, "parallelism": 4, "completionMode": "Indexed"])
        )
        try await cluster.eventually("complete") { state in
            state.object(.jobs, "default", "j")?.condition("Complete")?["status"] == "True"
        }
        #expect(cluster.get(.jobs, "j")?.status["completedIndexes"] == "0-3")
        let pods = cluster.api.list(.pods)
        #expect(Set(pods.compactMap(JobPods.index)) == [0, 1, 2, 3])
        #expect(pods.allSatisfy { $0.spec["containers"]?[0]?["env"]?[0]?["name"] == "JOB_COMPLETION_INDEX" })
    }

    @Test("a job whose pods fail tries again after growing pauses, up to its limit")
    func fails() async throws {
        let clock = ManualClock()
        let failing = PlayedKubelet(status: { _ in
            var status = PlayedKubelet.ended("Failed", code: 1)
            status["containerStatuses"] = [
                ["state": ["terminated": ["exitCode": 1, "finishedAt": .string(clock.time.kubernetesTime)]]]
            ]
            return status
        })
        let cluster = try await RunningControllers(Self.controllers, kubelet: failing, clock: clock)
        try await cluster.create(.jobs, "j", Self.job(["backoffLimit": 2]))
        try await cluster.eventually("failed once") {
            $0.object(.jobs, "default", "j")?.status["failed"] == 1
        }
        await clock.somebodySleeps(within: .seconds(10))
        clock.advance(by: .seconds(9))
        #expect(cluster.api.list(.pods).count == 1)
        try await cluster.eventually("failed twice", passing: .seconds(10)) {
            $0.object(.jobs, "default", "j")?.status["failed"] == 2
        }
        let second = clock.now
        try await cluster.eventually("failed for good", passing: .seconds(20)) { state in
            state.object(.jobs, "default", "j")?.condition("Failed")?["status"] == "True"
        }
        #expect(second.duration(to: clock.now) >= .seconds(20))
        let job = try #require(cluster.get(.jobs, "j"))
        #expect(job.condition("Failed")?["reason"] == "BackoffLimitExceeded")
        #expect(job.condition("Failed")?["message"] == "Job has reached the specified backoff limit")
        #expect(job.status["failed"] == 3)
    }

    @Test("a suspended job has no pods until it is resumed")
    func suspends() async throws {
        let cluster = try await RunningControllers(Self.controllers)
        try await cluster.create(.jobs, "j", Self.job(["suspend": true, "parallelism": 2]))
        try await cluster.eventually("suspended") { state in
            state.object(.jobs, "default", "j")?.condition("Suspended")?["status"] == "True"
        }
        #expect(cluster.api.list(.pods).isEmpty)
        try await cluster.update(.jobs, "j") { $0.json[at: "spec", "suspend"] = false }
        try await cluster.eventually("active") {
            $0.object(.jobs, "default", "j")?.status["active"] == 2 && $0.objects(.pods).count == 2
        }
        try await cluster.update(.jobs, "j") { $0.json[at: "spec", "suspend"] = true }
        try await cluster.eventually("idle") { state in
            state.objects(.pods).isEmpty && state.object(.jobs, "default", "j")?.status["active"] == nil
        }
        #expect(cluster.get(.jobs, "j")?.status["failed"] == nil)
    }

    @Test("a job past its deadline ends its pods and fails")
    func isLate() async throws {
        let clock = ManualClock()
        let cluster = try await RunningControllers(Self.controllers, clock: clock)
        try await cluster.create(.jobs, "j", Self.job(["activeDeadlineSeconds": 60]))
        try await cluster.eventually("active") { $0.object(.jobs, "default", "j")?.status["active"] == 1 }
        try await cluster.eventually("failed", passing: .seconds(60)) { state in
            state.object(.jobs, "default", "j")?.condition("Failed")?["reason"] == "DeadlineExceeded"
        }
        #expect(cluster.api.list(.pods).isEmpty)
    }

    @Test("a finished job goes with its pods when its time to live is over")
    func expires() async throws {
        let clock = ManualClock()
        let cluster = try await RunningControllers(Self.controllers, kubelet: Self.succeeding, clock: clock)
        try await cluster.create(.jobs, "j", Self.job(["ttlSecondsAfterFinished": 100]))
        try await cluster.eventually("complete") { state in
            state.object(.jobs, "default", "j")?.condition("Complete")?["status"] == "True"
        }
        try await cluster.eventually("gone", passing: .seconds(100)) {
            $0.objects(.jobs).isEmpty && $0.objects(.pods).isEmpty
        }
    }
}
