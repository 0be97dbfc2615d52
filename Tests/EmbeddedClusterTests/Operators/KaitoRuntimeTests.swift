import Capacity
import JSON
import KubernetesModel
import Runtimes
import Testing

@testable import EmbeddedCluster

/// What Ingot renders for KAITO, made of by its operator.
@Suite(.timeLimit(.minutes(10)))
struct KaitoRuntimeTests {
    private static let wishes: [JSONValue] = [
        ["name": "premade", "premadeModel": "llama3.2:1b"],
        ["name": "premade-gpu", "premadeModel": "phi4:14b", "computeType": "gpu", "replicas": 2],
        ["name": "file", "modelId": "o/m-GGUF", "ggufFile": "m-Q4_K_M.gguf"],
        [
            "name": "file-token", "modelId": "o/m-GGUF", "ggufFile": "m-Q4_K_M.gguf",
            "hfTokenSecret": "hf-token",
        ],
        ["name": "file-built", "modelId": "o/m-GGUF", "ggufFile": "m-Q4_K_M.gguf", "ggufRunMode": "build"],
        ["name": "vllm", "modelId": "Qwen/Qwen3-0.6B", "hfTokenSecret": "hf-token", "resources": ["gpu": 2]],
    ]

    /// Makes the objects as they are to be made: the first, and what belongs to it.
    private static func create(_ spec: DeploymentSpec, _ cluster: OperatorCluster) async throws {
        var owner: KubernetesObject?
        for manifest in try KaitoRuntime.render(spec) {
            var object = KubernetesObject(manifest.object)
            if let owner { object.ownerReferences = [OwnerReference(controller: owner)] }
            let resource = GroupResource(group: manifest.resource.group, resource: manifest.resource.resource)
            let made = try await cluster.api.create(resource, object, as: "test")
            if owner == nil { owner = made }
        }
    }

    @Test(
        "every kind of workspace runs, its pods are known by their marks, and nothing is left of it",
        arguments: wishes
    )
    func runs(wish: JSONValue) async throws {
        let cluster = try await OperatorCluster()
        try await cluster.install("kaito")
        try await cluster.running.create(.secrets, "hf-token", ["data": ["HF_TOKEN": "aGY="]])
        let request = try DeploymentRequest(json: wish)
        let engine = KaitoRuntime.usualEngine(for: request)
        let spec = request.spec(on: .kaito, engine: engine, namespace: "default")
        try await Self.create(spec, cluster)
        let workspace = try await cluster.eventually("it runs", KaitoOperator.workspaces, spec.name) {
            object in
            KaitoRuntime.read(object)?.phase == .running
        }
        let reading = try #require(KaitoRuntime.read(workspace))
        #expect(reading.isManaged && reading.spec == spec && reading.engine == engine)
        #expect(reading.replicas.ready == spec.workers.replicas.count)
        let mark = try #require(reading.pods.first)
        guard case .label(let key, let value) = mark else {
            Issue.record("pods are known by a label")
            return
        }
        let pods = cluster.pods(key, value)
        #expect(pods.count == spec.workers.replicas.count)
        #expect(pods.allSatisfy { $0.isTrue("Ready") })
        let endpoint = try #require(reading.endpoint)
        let service = try #require(cluster.running.get(.services, endpoint.service))
        let ports = service.spec["ports"]?.arrayValue ?? []
        #expect(ports.contains { $0["port"]?.integerValue == Int64(endpoint.port) })

        try await cluster.running.delete(KaitoOperator.workspaces, spec.name)
        try await cluster.eventuallyNone([
            KaitoOperator.workspaces, .statefulSets, .pods, .services, .controllerRevisions,
        ])
    }

    @Test("a workspace whose pods fail is not running, whatever failed")
    func fails() async throws {
        let cluster = try await OperatorCluster()
        try await cluster.install("kaito")
        let spec = try DeploymentRequest(json: [
            "name": "broken", "modelId": "Qwen/Qwen3-0.6B",
            "podAnnotations": ["ingot.dev/simulate": "ImagePullBackOff"],
        ]).spec(on: .kaito, engine: .vllm, namespace: "default")
        try await Self.create(spec, cluster)
        try await cluster.eventually("its image cannot be loaded", .pods, "broken-0") { pod in
            let state = pod.status["containerStatuses"]?[0]?["state"]
            return state?["waiting"]?["reason"] == "ImagePullBackOff"
        }
        let workspace = try #require(cluster.running.get(KaitoOperator.workspaces, "broken"))
        let reading = try #require(KaitoRuntime.read(workspace))
        var pod = ServingPod(name: "broken-0")
        pod.node = "node"
        var container = ServingPod.Container(name: "model")
        container.waitingReason = "ImagePullBackOff"
        pod.containers = [container]
        #expect(DeploymentStanding(reading, [pod]).phase == .failed)
        var facts = DiagnosisFacts(reading, [pod], now: cluster.api.now())
        facts.events = cluster.api.list(.events).map(ClusterEvent.init)
        #expect(Diagnosis.all(facts).first?.code == .imageNotFound)
    }
}
