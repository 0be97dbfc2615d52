import JSON
import KubernetesModel
import Logging
import Testing

@testable import EmbeddedCluster

@Suite(.timeLimit(.minutes(10)))
struct SimulatedKubeletTests {
    private let clock = ManualClock()
    private let cluster: RunningControllers

    init() async throws {
        let clock = clock
        cluster = try await RunningControllers(
            { SimulatedKubelets.controllers($0, pace: .immediate) },
            clock: clock
        )
        try await cluster.api.create(
            .namespaces,
            KubernetesObject(["metadata": ["name": "kube-node-lease"]]),
            as: "test"
        )
        let nodes = SimulatedNodes(
            specifications: [NodeSpecification(name: "n1", cpus: 8, memoryGiB: 32)],
            api: cluster.api,
            clock: clock,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        try await nodes.register()
    }

    private func pod(
        _ name: String = "p",
        image: String = "registry.example/server:1",
        container: JSONValue = [:],
        spec: JSONValue = [:],
        annotations: JSONValue = [:]
    ) async throws {
        var json: JSONValue = ["metadata": ["annotations": annotations], "spec": spec]
        var first = container
        first["name"] = "c"
        first["image"] = .string(image)
        json[at: "spec", "containers"] = [first]
        json[at: "spec", "nodeName"] = "n1"
        try await cluster.create(.pods, name, json)
    }

    @discardableResult
    private func eventually(
        _ what: Comment,
        pod name: String = "p",
        _ isFulfilled: @escaping @Sendable (KubernetesObject) -> Bool
    ) async throws -> KubernetesObject {
        let state = try await cluster.eventually(what) { state in
            state.object(.pods, "default", name).map(isFulfilled) ?? false
        }
        return try #require(state.object(.pods, "default", name))
    }

    private static func state(_ pod: KubernetesObject) -> JSONValue? {
        pod.status["containerStatuses"]?[0]?["state"]
    }

    private static func isReady(_ pod: KubernetesObject) -> Bool {
        pod.condition("Ready")?["status"] == "True"
    }

    private func events(_ reason: String, count: Int = 1) async throws -> [String] {
        try await cluster.eventually("\(count) events \(reason)") { state in
            state.objects(.events).count { $0.json["reason"]?.stringValue == reason } >= count
        }
        return cluster.messages(reason)
    }

    @Test("a pod is pulled, created, started and ready, with addresses, conditions and events")
    func runs() async throws {
        try await pod()
        let pod = try await eventually("the pod is ready", Self.isReady)
        #expect(pod.status["phase"] == "Running")
        #expect(pod.status["podIP"] == "10.128.0.2")
        #expect(pod.status["hostIP"] == "172.18.0.2")
        #expect(pod.status["startTime"] == "2026-01-01T00:00:00Z")
        let status = pod.status["containerStatuses"]?[0]
        #expect(status?["ready"] == true && status?["started"] == true && status?["restartCount"] == 0)
        #expect(status?["image"] == "registry.example/server:1")
        #expect(status?["imageID"]?.stringValue?.hasPrefix("registry.example/server@sha256:") == true)
        #expect(status?["containerID"]?.stringValue?.hasPrefix("containerd://") == true)
        #expect(status?["state"]?["running"]?["startedAt"] == "2026-01-01T00:00:00Z")
        for type in ["PodReadyToStartContainers", "Initialized", "ContainersReady", "PodScheduled"] {
            #expect(pod.condition(type)?["status"] == "True", "\(type)")
        }
        #expect(try await events("Pulling") == ["Pulling image \"registry.example/server:1\""])
        let pulled = try await events("Pulled")
        #expect(
            pulled.first?.hasPrefix("Successfully pulled image \"registry.example/server:1\" in 0s") == true
        )
        #expect(pulled.first?.contains("Image size: ") == true)
        #expect(try await events("Created") == ["Container created"])
        #expect(try await events("Started") == ["Container started"])
    }

    @Test("two pods of a node have different addresses, and the second finds the image there")
    func sharesImages() async throws {
        try await pod("one")
        let one = try await eventually("the first is ready", pod: "one", Self.isReady)
        try await pod("two")
        let two = try await eventually("the second is ready", pod: "two", Self.isReady)
        #expect(one.status["podIP"] != two.status["podIP"])
        #expect(
            try await events("Pulled", count: 2).contains(
                "Container image \"registry.example/server:1\" already present on machine and can be accessed by the pod"
            )
        )
    }

    @Test("a deleted pod is told to stop and is gone")
    func deletes() async throws {
        try await pod()
        try await eventually("the pod is ready", Self.isReady)
        try await cluster.delete(.pods, "p")
        try await cluster.eventually("the pod is gone") { $0.object(.pods, "default", "p") == nil }
        #expect(try await events("Killing") == ["Stopping container c"])
    }

    @Test("a command that ends makes a pod succeed or fail, by its exit code")
    func completes() async throws {
        try await pod(
            "good",
            image: "busybox",
            container: ["command": ["sh", "-c", "echo hello; exit 0"]],
            spec: ["restartPolicy": "Never"]
        )
        let good = try await eventually("it succeeds", pod: "good") { $0.status["phase"] == "Succeeded" }
        #expect(Self.state(good)?["terminated"]?["reason"] == "Completed")
        #expect(good.condition("Ready")?["reason"] == "PodCompleted")
        try await pod(
            "bad",
            image: "busybox",
            container: ["command": ["sh", "-c", "false || exit 3"]],
            spec: ["restartPolicy": "Never"]
        )
        let bad = try await eventually("it fails", pod: "bad") { $0.status["phase"] == "Failed" }
        #expect(Self.state(bad)?["terminated"]?["exitCode"] == 3)
        #expect(Self.state(bad)?["terminated"]?["reason"] == "Error")
    }

    @Test("a crashing container is started again at once, then after 10 s, then after 20 s")
    func backsOff() async throws {
        try await pod(annotations: ["ingot.dev/simulate": "CrashLoopBackOff"])
        let uid = try await eventually("it waits") {
            Self.state($0)?["waiting"]?["reason"] == "CrashLoopBackOff"
        }.uid
        var pod = try #require(cluster.get(.pods, "p"))
        #expect(pod.status["containerStatuses"]?[0]?["restartCount"] == 1)
        #expect(
            Self.state(pod)?["waiting"]?["message"]?.stringValue
                == "back-off 10s restarting failed container=c pod=p_default(\(uid))"
        )
        #expect(pod.status["containerStatuses"]?[0]?["lastState"]?["terminated"]?["exitCode"] == 1)
        #expect(pod.status["phase"] == "Running")
        clock.advance(by: .seconds(10))
        pod = try await eventually("it waits longer") {
            Self.state($0)?["waiting"]?["message"]?.stringValue?.hasPrefix("back-off 20s") ?? false
        }
        #expect(pod.status["containerStatuses"]?[0]?["restartCount"] == 2)
        #expect(
            try await events("BackOff").first
                == "Back-off restarting failed container c in pod p_default(\(uid))"
        )
    }

    @Test("a container that crashes as soon as it starts is never ready, without a probe either")
    func isNotReadyBeforeItCrashes() async throws {
        let changes = cluster.api.store.changes(of: .pods, since: cluster.api.state.revision)
        try await pod(annotations: ["ingot.dev/simulate": "CrashLoopBackOff"])
        var hasRun = false
        for try await batch in changes {
            for pod in batch.changes.compactMap(\.current) {
                #expect(!Self.isReady(pod))
                if Self.state(pod)?["running"] != nil { hasRun = true }
                if Self.state(pod)?["waiting"]?["reason"] == "CrashLoopBackOff" {
                    #expect(hasRun)
                    return
                }
            }
        }
    }

    @Test("an image that cannot be pulled shows ErrImagePull, then ImagePullBackOff, then is tried again")
    func failsPulls() async throws {
        try await pod(annotations: ["ingot.dev/simulate": "ImagePullBackOff"])
        var pod = try await eventually("the pull fails") {
            Self.state($0)?["waiting"]?["reason"] == "ErrImagePull"
        }
        #expect(pod.status["phase"] == "Pending")
        clock.advance(by: .seconds(1))
        pod = try await eventually("it waits") {
            Self.state($0)?["waiting"]?["reason"] == "ImagePullBackOff"
        }
        #expect(
            Self.state(pod)?["waiting"]?["message"]?.stringValue?.hasPrefix(
                "Back-off pulling image \"registry.example/server:1\""
            ) == true
        )
        #expect(
            Set(try await events("Failed", count: 3)).isSuperset(of: [
                "Error: ErrImagePull", "Error: ImagePullBackOff",
            ])
        )
        clock.advance(by: .seconds(9))
        try await eventually("it is tried again") { Self.state($0)?["waiting"]?["reason"] == "ErrImagePull" }
    }

    @Test("a container that runs out of memory ends with 137 and OOMKilled")
    func runsOutOfMemory() async throws {
        try await pod(spec: ["restartPolicy": "Never"], annotations: ["ingot.dev/simulate": "OOMKilled"])
        let pod = try await eventually("it fails") { $0.status["phase"] == "Failed" }
        #expect(Self.state(pod)?["terminated"]?["reason"] == "OOMKilled")
        #expect(Self.state(pod)?["terminated"]?["exitCode"] == 137)
    }

    @Test("a missing config map stops the container's creation until it is there")
    func waitsForConfiguration() async throws {
        try await pod(container: ["envFrom": [["configMapRef": ["name": "settings"]]]])
        let pod = try await eventually("it is refused") {
            Self.state($0)?["waiting"]?["reason"] == "CreateContainerConfigError"
        }
        #expect(Self.state(pod)?["waiting"]?["message"] == "configmap \"settings\" not found")
        #expect(try await events("Failed") == ["Error: configmap \"settings\" not found"])
        try await cluster.create(.configMaps, "settings", ["data": ["A": "b"]])
        try await eventually("the pod is ready", Self.isReady)
    }

    @Test("a volume of a missing secret stops all containers until it is there")
    func waitsForVolumes() async throws {
        try await pod(spec: ["volumes": [["name": "v", "secret": ["secretName": "token"]]]])
        #expect(
            try await events("FailedMount").first
                == "MountVolume.SetUp failed for volume \"v\" : secret \"token\" not found"
        )
        let pod = try #require(cluster.get(.pods, "p"))
        #expect(Self.state(pod)?["waiting"]?["reason"] == "ContainerCreating")
        try await cluster.create(.secrets, "token", ["stringData": ["t": "1"]])
        try await eventually("the pod is ready", Self.isReady)
    }

    @Test("a failing readiness probe keeps a pod unready and says so; a failing liveness probe restarts it")
    func probes() async throws {
        let probe: JSONValue = ["httpGet": ["path": "/health", "port": 8000], "failureThreshold": 1]
        try await pod(
            "unready",
            container: ["readinessProbe": probe],
            annotations: ["ingot.dev/simulate": "ReadinessProbeFailure"]
        )
        #expect(
            try await events("Unhealthy") == [
                "Readiness probe failed: HTTP probe failed with statuscode: 503"
            ]
        )
        let unready = try await eventually("it runs", pod: "unready") { $0.status["phase"] == "Running" }
        #expect(unready.condition("Ready")?["reason"] == "ContainersNotReady")
        #expect(unready.condition("Ready")?["message"] == "containers with unready status: [c]")
        try await pod(
            "dying",
            container: ["livenessProbe": probe],
            annotations: ["ingot.dev/simulate": "LivenessProbeFailure"]
        )
        try await eventually("it is restarted", pod: "dying") {
            ($0.status["containerStatuses"]?[0]?["restartCount"]?.integerValue ?? 0) >= 1
        }
        #expect(
            try await events("Killing").first == "Container c failed liveness probe, will be restarted"
        )
    }

    @Test("a slow start is unready until its time is over")
    func startsSlowly() async throws {
        try await pod(
            container: ["readinessProbe": ["tcpSocket": ["port": 8000], "periodSeconds": 5]],
            annotations: ["ingot.dev/simulate": "SlowStart=20s"]
        )
        try await eventually("it runs") { $0.status["phase"] == "Running" }
        for _ in 0..<4 {
            #expect(cluster.get(.pods, "p").map(Self.isReady) == false)
            clock.advance(by: .seconds(5))
        }
        try await eventually("the pod is ready", Self.isReady)
    }

    @Test("init containers run one after another, then sidecars and main containers run together")
    func initializes() async throws {
        try await pod(
            image: "busybox",
            container: ["command": ["true"]],
            spec: [
                "restartPolicy": "Never",
                "initContainers": [
                    ["name": "first", "image": "busybox", "command": ["sleep", "5"]],
                    ["name": "side", "image": "nginx", "restartPolicy": "Always"],
                ],
            ]
        )
        let waiting = try await eventually("the first runs") {
            $0.status["initContainerStatuses"]?[0]?["state"]?["running"] != nil
        }
        #expect(waiting.condition("Initialized")?["reason"] == "ContainersNotInitialized")
        #expect(
            waiting.condition("Initialized")?["message"] == "containers with incomplete status: [first side]"
        )
        #expect(Self.state(waiting)?["waiting"]?["reason"] == "PodInitializing")
        clock.advance(by: .seconds(5))
        let pod = try await eventually("the pod succeeds") { $0.status["phase"] == "Succeeded" }
        #expect(pod.status["initContainerStatuses"]?[1]?["state"]?["terminated"] != nil)
    }

    @Test("a pod that lives longer than it may fails with DeadlineExceeded")
    func exceedsDeadline() async throws {
        try await pod(spec: ["activeDeadlineSeconds": 60])
        try await eventually("the pod is ready", Self.isReady)
        clock.advance(by: .seconds(60))
        let pod = try await eventually("the pod fails") { $0.status["phase"] == "Failed" }
        #expect(pod.status["reason"] == "DeadlineExceeded")
    }

    @Test("an evicted pod fails with the reason Evicted")
    func evicts() async throws {
        try await pod(annotations: ["ingot.dev/simulate": "Evicted"])
        let pod = try await eventually("the pod fails") { $0.status["phase"] == "Failed" }
        #expect(pod.status["reason"] == "Evicted")
        #expect(
            pod.status["message"]?.stringValue?.hasPrefix("The node was low on resource: memory.") == true
        )
    }

    @Test("a readiness gate keeps a pod unready until its condition is true")
    func honoursGates() async throws {
        try await pod(spec: ["readinessGates": [["conditionType": "example.com/open"]]])
        let pod = try await eventually("the containers are ready") {
            $0.condition("ContainersReady")?["status"] == "True"
        }
        #expect(pod.condition("Ready")?["reason"] == "ReadinessGatesNotReady")
        try await cluster.api.updateStatus(
            .pods,
            ObjectKey(namespace: "default", name: "p"),
            as: "test"
        ) { $0.setCondition(Condition("example.com/open", true), now: Timestamp(secondsSinceEpoch: 0)) }
        try await eventually("the pod is ready", Self.isReady)
    }
}
