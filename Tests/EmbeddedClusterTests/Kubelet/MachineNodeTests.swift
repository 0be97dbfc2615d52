import HTTPClient
import JSON
import KubernetesModel
import LocalContainers
import Logging
import Testing

@testable import EmbeddedCluster

#if canImport(Glibc)
    import Glibc
#endif

/// Pods that are processes of this machine.
@Suite(.timeLimit(.minutes(10)))
final class MachineNodeTests {
    private let directory: TemporaryDirectory
    private let root: String
    private let cluster: RunningControllers
    private let nodeTask: Task<Void, Never>

    init() async throws {
        directory = try TemporaryDirectory()
        root = directory.file("pods")
        cluster = try await RunningControllers([], kubelet: nil)
        try await cluster.create(.namespaces, "kube-node-lease", [:])
        var images = ImageCommands()
        images["example.com/shell"] = ImageCommand(entrypoint: ["/bin/sh"])
        images["example.com/python"] = ImageCommand(
            entrypoint: ["python3"],
            arguments: ["-m", "http.server", "--bind", "{podIP}", "{port}"],
            port: 8000
        )
        images["example.com/absent"] = ImageCommand(entrypoint: ["no-such-command-anywhere"])
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let node = MachineNode(
            MachineSettings(
                images: images,
                nodeName: "here",
                shim: Self.fixture,
                path: "/usr/local/bin:/usr/bin:/bin"
            ),
            root: root,
            api: cluster.api,
            clock: ContinuousClock(),
            logger: logger
        )
        let controllers = try await node.register(client: HTTPClient()) { pod, _ in "token of \(pod.name)" }
        let (commands, api) = (images, cluster.api)
        let loops = (controllers + [Scheduler { commands.command(for: $0) != nil }]).map {
            ControllerLoop(controller: $0, api: api, clock: ContinuousClock(), logger: logger)
        }
        nodeTask = Task {
            await withTaskGroup(of: Void.self) { group in
                for loop in loops { group.addTask { await loop.run() } }
            }
        }
    }

    deinit {
        nodeTask.cancel()
        PodFolder.remove(root)
    }

    /// The program that calls the shim: it is built beside the tests.
    private static let fixture: String = {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = max(0, readlink("/proc/self/exe", &buffer, buffer.count))
        let own = String(decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
        let parts = own.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return parts.joined(separator: "/") + "/LocalContainerFixture"
    }()

    private func pod(
        _ script: String,
        image: String = "example.com/shell",
        container: JSONValue = [:],
        spec: JSONValue = [:]
    ) async throws {
        var json: JSONValue = ["spec": spec]
        var first = container
        first["name"] = "c"
        first["image"] = .string(image)
        if !script.isEmpty { first["args"] = ["-c", .string(script)] }
        json[at: "spec", "containers"] = [first]
        try await cluster.create(.pods, "p", json)
    }

    @discardableResult
    private func eventually(
        _ what: Comment,
        _ isFulfilled: @escaping @Sendable (KubernetesObject) -> Bool
    ) async throws -> KubernetesObject {
        let state = try await cluster.eventually(what) { state in
            state.object(.pods, "default", "p").map(isFulfilled) ?? false
        }
        return try #require(state.object(.pods, "default", "p"))
    }

    private static func state(_ pod: KubernetesObject) -> JSONValue? {
        pod.status["containerStatuses"]?[0]?["state"]
    }

    private func log(previous: Bool = false, follow: Bool = false) async throws -> String {
        let pod = try #require(cluster.get(.pods, "p"))
        var options = PodLogOptions(container: "c")
        options.previous = previous
        options.follow = follow
        var bytes: [UInt8] = []
        for try await chunk in try await LocalLogs(root: root).log(of: pod, options) { bytes += chunk }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("the node has this machine's capacity, its own label, and is not simulated")
    func registers() throws {
        let node = try #require(cluster.api.get(.nodes, ObjectKey(name: "here")))
        #expect(node.label("ingot.dev/this-machine") == "true")
        #expect(node.label("ingot.dev/simulated") == nil)
        #expect(NodeConditions.isReady(node))
        let capacity = ResourceList(json: node.status["capacity"])
        #expect(capacity["cpu"] > .zero && capacity["memory"] > Quantity(1 << 20))
        #expect(cluster.api.get(.leases, ObjectKey(namespace: "kube-node-lease", name: "here")) != nil)
    }

    @Test("a pod is a process with its variables; its log is what it wrote, its end the pod's")
    func runs() async throws {
        try await cluster.create(.configMaps, "settings", ["data": ["GREETING": "hello"]])
        try await pod(
            "echo \"$GREETING from $NAME\"; exit 3",
            container: [
                "envFrom": [["configMapRef": ["name": "settings"]]],
                "env": [["name": "NAME", "valueFrom": ["fieldRef": ["fieldPath": "metadata.name"]]]],
            ],
            spec: ["restartPolicy": "Never"]
        )
        let pod = try await eventually("it fails") { $0.status["phase"] == "Failed" }
        #expect(Self.state(pod)?["terminated"]?["exitCode"] == 3)
        #expect(pod.spec["nodeName"] == "here")
        #expect(pod.status["podIP"]?.stringValue?.hasPrefix("127.") == true)
        #expect(try await log() == "hello from p\n")
    }

    @Test("volumes are folders, whose paths stand in for those that the pod names")
    func mounts() async throws {
        try await cluster.create(.secrets, "s", ["stringData": ["key": "secret value"]])
        try await pod(
            "cat /etc/secret/key; echo; cat /var/run/token/token; echo; echo data > /data/file && cat /data/file",
            container: [
                "volumeMounts": [
                    ["name": "s", "mountPath": "/etc/secret"], ["name": "t", "mountPath": "/var/run/token"],
                    ["name": "e", "mountPath": "/data"],
                ]
            ],
            spec: [
                "restartPolicy": "Never",
                "volumes": [
                    ["name": "s", "secret": ["secretName": "s"]], ["name": "e", "emptyDir": [:]],
                    [
                        "name": "t",
                        "projected": ["sources": [["serviceAccountToken": ["path": "token"]]]],
                    ],
                ],
            ]
        )
        try await eventually("it succeeds") { $0.status["phase"] == "Succeeded" }
        #expect(try await log() == "secret value\ntoken of p\ndata\n")
    }

    // The port is at an address that is the pod's alone.
    @Test(
        "a server passes its readiness probe once it answers at the pod's address; deletion ends its process"
    )
    func serves() async throws {
        try await pod(
            "",
            image: "example.com/python",
            container: [
                "ports": [["containerPort": 18080]],
                "readinessProbe": ["httpGet": ["path": "/", "port": 18080], "periodSeconds": 1],
            ]
        )
        try await eventually("it is ready") { $0.condition("Ready")?["status"] == "True" }
        let id = try #require(cluster.get(.pods, "p")).uid
        try await cluster.delete(.pods, "p")
        try await cluster.eventually("the pod is gone") { $0.object(.pods, "default", "p") == nil }
        #expect(cluster.messages("Killing") == ["Stopping container c"])
        #expect(!id.isEmpty)
    }

    @Test("a crashed container is started again, and the log of the instance before is kept")
    func restarts() async throws {
        // The second instance ends well, so that there is no third, however late this is looked at.
        try await pod(
            "[ -e /data/mark ] && echo second && exit 0; touch /data/mark; echo first; exit 1",
            container: ["volumeMounts": [["name": "e", "mountPath": "/data"]]],
            spec: ["restartPolicy": "OnFailure", "volumes": [["name": "e", "emptyDir": [:]]]]
        )
        let pod = try await eventually("it succeeds") { $0.status["phase"] == "Succeeded" }
        #expect(pod.status["containerStatuses"]?[0]?["restartCount"] == 1)
        #expect(try await log() == "second\n")
        #expect(try await log(previous: true) == "first\n")
    }

    @Test("a liveness probe that fails ends the process and starts another")
    func probesLiveness() async throws {
        try await pod(
            "trap 'exit 0' TERM; while true; do sleep 0.05; done",
            container: [
                "livenessProbe": [
                    "exec": ["command": ["false"]], "periodSeconds": 1, "failureThreshold": 1,
                ]
            ]
        )
        try await eventually("it was restarted") {
            ($0.status["containerStatuses"]?[0]?["restartCount"]?.integerValue ?? 0) >= 1
        }
        #expect(
            cluster.messages("Killing").first == "Container c failed liveness probe, will be restarted"
        )
    }

    @Test("a probe that cannot be made says nothing about the container")
    func cannotProbe() async throws {
        try await pod(
            "trap 'exit 0' TERM; while true; do sleep 0.05; done",
            container: [
                "livenessProbe": [
                    "exec": ["command": ["no-such-command"]], "periodSeconds": 1, "failureThreshold": 1,
                    "timeoutSeconds": 300,
                ]
            ]
        )
        let cluster = cluster
        try await eventually("the probe was tried") { _ in !cluster.messages("Unhealthy").isEmpty }
        let told = try #require(cluster.messages("Unhealthy").first)
        #expect(told.hasPrefix("Liveness probe errored and resulted in unknown state: failed to exec"))
        #expect(cluster.messages("Killing").isEmpty)
    }

    @Test("a process that uses more memory than its limit ends with OOMKilled")
    func limitsMemory() async throws {
        try await pod(
            "",
            image: "example.com/python",
            container: [
                "args": ["-c", "x = bytearray(400 << 20); import time; time.sleep(100)"],
                "resources": ["limits": ["memory": "100Mi"]],
            ],
            spec: ["restartPolicy": "Never"]
        )
        let pod = try await eventually("it fails") { $0.status["phase"] == "Failed" }
        #expect(Self.state(pod)?["terminated"]?["reason"] == "OOMKilled")
        #expect(Self.state(pod)?["terminated"]?["exitCode"] == 137)
    }

    @Test(
        "an image without a command is not placed here unless the pod asks for it, and then says what is missing"
    )
    func refusesImages() async throws {
        try await pod("", image: "example.com/unknown")
        let waiting = try await eventually("it is not scheduled") {
            $0.condition("PodScheduled")?["reason"] == "Unschedulable"
        }
        #expect(
            waiting.condition("PodScheduled")?["message"]?.stringValue?.contains(
                "1 node(s) had no command for the pod's images"
            ) == true
        )
        try await cluster.delete(.pods, "p")
        try await pod(
            "",
            image: "example.com/unknown",
            spec: ["nodeSelector": ["ingot.dev/this-machine": "true"]]
        )
        let pod = try await eventually("it waits") {
            Self.state($0)?["waiting"]?["reason"] == "ImagePullBackOff"
        }
        #expect(
            Self.state(pod)?["waiting"]?["message"]?.stringValue?.contains("no command is configured") == true
        )
        #expect(cluster.messages("Failed").contains("Error: ErrImagePull"))
    }

    @Test("an image whose command is not installed says which one is missing")
    func namesMissingCommands() async throws {
        try await pod("", image: "example.com/absent", container: ["imagePullPolicy": "Never"])
        let pod = try await eventually("it waits") {
            Self.state($0)?["waiting"]?["reason"] == "ErrImageNeverPull"
        }
        #expect(
            Self.state(pod)?["waiting"]?["message"]?.stringValue?.contains("no-such-command-anywhere") == true
        )
    }

    @Test("a command of the pod's own that is not there fails to start, in the words of container runtimes")
    func namesTheMissingCommandOfAPod() async throws {
        try await pod(
            "",
            container: ["command": ["no-such-command"]],
            spec: ["restartPolicy": "Never"]
        )
        let pod = try await eventually("it fails") { $0.status["phase"] == "Failed" }
        let end = Self.state(pod)?["terminated"]
        #expect(end?["reason"] == "StartError" && end?["exitCode"] == 128)
        #expect(end?["message"] == "exec: \"no-such-command\": executable file not found in $PATH")
    }

    @Test(
        "a volume that this machine cannot have keeps the pod waiting, with the reason in its status and as an event"
    )
    func refusesVolumes() async throws {
        try await pod(
            "true",
            spec: ["volumes": [["name": "v", "nfs": ["server": "files.example", "path": "/"]]]]
        )
        let pod = try await eventually("it says why it waits") {
            Self.state($0)?["waiting"]?["message"] != nil
        }
        #expect(Self.state(pod)?["waiting"]?["reason"] == "ContainerCreating")
        let message = try #require(Self.state(pod)?["waiting"]?["message"]?.stringValue)
        #expect(
            message.hasPrefix(
                "MountVolume.SetUp failed for volume \"v\" : a volume of the kind nfs cannot be had on this machine"
            )
        )
        let cluster = cluster
        try await cluster.eventually("an event says it") { _ in cluster.messages("FailedMount") == [message] }
    }

    @Test("subPathExpr names a folder of a volume by the container's variables, and the folder is made")
    func expandsSubPaths() async throws {
        try await pod(
            "echo data > /data/file; cat /data/file; dirname \"$(realpath /data/file)\"",
            container: [
                "env": [["name": "NAME", "valueFrom": ["fieldRef": ["fieldPath": "metadata.name"]]]],
                "volumeMounts": [["name": "e", "mountPath": "/data", "subPathExpr": "of/$(NAME)"]],
            ],
            spec: ["restartPolicy": "Never", "volumes": [["name": "e", "emptyDir": [:]]]]
        )
        try await eventually("it succeeds") { $0.status["phase"] == "Succeeded" }
        let lines = try await log().split(separator: "\n")
        #expect(lines.first == "data" && lines.last?.hasSuffix("/volumes/e/of/p") == true)
    }
}
