import JSON
import KubernetesModel
import Testing

@testable import EmbeddedCluster

@Suite(.timeLimit(.minutes(10)))
struct SimulatedLogsTests {
    private let clock = ManualClock()
    private let cluster: RunningControllers
    private let logs: SimulatedLogs

    init() async throws {
        let clock = clock
        cluster = try await RunningControllers([], kubelet: nil, clock: clock)
        logs = SimulatedLogs(api: cluster.api, pace: .immediate, clock: clock)
    }

    private func pod(_ command: [String], _ state: JSONValue, last: JSONValue = [:]) async throws {
        try await cluster.create(
            .pods,
            "p",
            [
                "spec": [
                    "nodeName": "n1",
                    "containers": [
                        [
                            "name": "c", "image": "busybox",
                            "command": .array(command.map(JSONValue.string)),
                        ]
                    ],
                ]
            ]
        )
        try await set(state, last: last)
    }

    private func set(_ state: JSONValue, last: JSONValue = [:]) async throws {
        try await cluster.api.updateStatus(
            .pods,
            ObjectKey(namespace: "default", name: "p"),
            as: "test"
        ) { pod in
            pod.json[at: "status", "containerStatuses"] = [
                [
                    "name": "c", "restartCount": 0, "state": state, "lastState": last,
                    "containerID": state["terminated"]?["containerID"] ?? "x://1",
                ]
            ]
        }
    }

    private func read(_ change: (inout PodLogOptions) -> Void = { _ in }) async throws -> String {
        let pod = try #require(cluster.get(.pods, "p"))
        var options = PodLogOptions(container: "c")
        change(&options)
        var bytes: [UInt8] = []
        for try await chunk in try await logs.log(of: pod, options) { bytes += chunk }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let running: JSONValue = ["running": ["startedAt": "2026-01-01T00:00:00Z"]]
    private static let following: PodLogOptions = {
        var options = PodLogOptions(container: "c")
        options.follow = true
        return options
    }()
    private static let ticking = ["sh", "-c", "while true; do echo tick; sleep 1; done"]

    @Test(
        "the log is what the command has printed so far; tail, since, limit and times select and mark lines"
    )
    func selects() async throws {
        try await pod(["sh", "-c", "echo one; sleep 5; echo two; sleep 5; echo three"], Self.running)
        clock.advance(by: .seconds(7))
        #expect(try await read() == "one\ntwo\n")
        #expect(try await read { $0.tailLines = 1 } == "two\n")
        #expect(try await read { $0.tailLines = 0 } == "")
        #expect(try await read { $0.limitBytes = 5 } == "one\nt")
        #expect(try await read { $0.since = Timestamp(rfc3339: "2026-01-01T00:00:03Z") } == "two\n")
        #expect(
            try await read { $0.timestamps = true }
                == "2026-01-01T00:00:00.000000000Z one\n2026-01-01T00:00:05.000000000Z two\n"
        )
    }

    @Test("a follower gets each line when it is printed, and the end with the container's")
    func follows() async throws {
        try await pod(Self.ticking, Self.running)
        let stream = try await logs.log(of: try #require(cluster.get(.pods, "p")), Self.following)
        let chunks = Task {
            var chunks: [String] = []
            for try await bytes in stream { chunks.append(String(decoding: bytes, as: UTF8.self)) }
            return chunks
        }
        for _ in 0..<3 {
            await clock.somebodySleeps(within: .seconds(1))
            clock.advance(by: .seconds(1))
        }
        await clock.somebodySleeps(within: .seconds(1))
        try await set([
            "terminated": [
                "exitCode": 0, "containerID": "x://1", "startedAt": "2026-01-01T00:00:00Z",
                "finishedAt": "2026-01-01T00:00:03Z",
            ]
        ])
        #expect(try await chunks.value == ["tick\n", "tick\n", "tick\n", "tick\n"])
    }

    @Test("the log of the instance before is that until its end; without one the kubelet's words say so")
    func readsPrevious() async throws {
        let ended: JSONValue = [
            "terminated": [
                "exitCode": 1, "containerID": "x://0", "startedAt": "2026-01-01T00:00:00Z",
                "finishedAt": "2026-01-01T00:00:02Z",
            ]
        ]
        try await pod(Self.ticking, Self.running)
        do {
            _ = try await read { $0.previous = true }
            Issue.record("there was a log")
        } catch let error as APIStatus {
            #expect(error.message == "previous terminated container \"c\" in pod \"p\" not found")
            #expect(error.code == 400)
        }
        try await set(["waiting": ["reason": "CrashLoopBackOff"]], last: ended)
        #expect(try await read { $0.previous = true } == "tick\ntick\ntick\n")
    }

    @Test(
        "a container that waits to start has no log, and the reason is said",
        arguments: [
            ("ContainerCreating", "ContainerCreating"), ("ErrImagePull", "image can't be pulled"),
            ("ImagePullBackOff", "trying and failing to pull image"),
        ]
    )
    func refuses(reason: String, message: String) async throws {
        try await pod(Self.ticking, ["waiting": ["reason": .string(reason)]])
        do {
            _ = try await read()
            Issue.record("there was a log")
        } catch let error as APIStatus {
            #expect(error.message == "container \"c\" in pod \"p\" is waiting to start: \(message)")
        }
    }
}
