import JSON
import KubernetesModel
import Testing

@testable import EmbeddedCluster

@Suite(.timeLimit(.minutes(10)))
struct KaitoOperatorTests {
    private static func workspace(
        count: Int64 = 1,
        node: JSONValue = ["nvidia.com/gpu.present": "true"],
        simulate: String? = nil
    ) -> JSONValue {
        var json: JSONValue = [
            "metadata": ["labels": ["app.kubernetes.io/instance": "phi"]],
            "resource": ["count": .integer(count), "labelSelector": ["matchLabels": node]],
            "inference": [
                "template": [
                    "spec": [
                        "containers": [
                            [
                                "name": "model", "image": "mcr.microsoft.com/aks/kaito/kaito-base:0.1.1",
                                "command": ["python"],
                                "args": [
                                    "-m", "vllm.entrypoints.openai.api_server", "--model", "microsoft/phi-4",
                                ],
                                "ports": [["containerPort": 8000]],
                                "readinessProbe": ["httpGet": ["path": "/health", "port": 8000]],
                                "resources": [
                                    "requests": ["nvidia.com/gpu": 1], "limits": ["nvidia.com/gpu": 1],
                                ],
                            ]
                        ]
                    ]
                ]
            ],
        ]
        if let simulate {
            json[at: "metadata", "annotations"] = ["ingot.dev/simulate": .string(simulate)]
        }
        return json
    }

    /// The workspace once it has succeeded.
    @discardableResult
    private static func success(_ cluster: OperatorCluster) async throws -> KubernetesObject {
        try await cluster.eventually("it has succeeded", KaitoOperator.workspaces, "phi", hasSucceeded)
    }

    private static func hasSucceeded(_ workspace: KubernetesObject) -> Bool {
        workspace.isTrue("WorkspaceSucceeded")
    }

    @Test(
        "a workspace gets a stateful set on the nodes that it selects, and services; it has succeeded once all is ready"
    )
    func succeeds() async throws {
        let cluster = try await OperatorCluster()
        try await cluster.install("kaito")
        try await cluster.running.create(KaitoOperator.workspaces, "phi", Self.workspace(count: 2))
        let workspace = try await Self.success(cluster)
        for type in ["NodesReady", "ResourceReady", "InferenceReady"] { #expect(workspace.isTrue(type)) }
        #expect(workspace.condition("InferenceReady")?["reason"] == "WorkspaceInferenceStatusSuccess")
        #expect(workspace.condition("ResourceReady")?["reason"] == "workspaceResourceStatusSuccess")
        #expect(
            workspace.condition("NodesReady")?["message"]
                == "Enough Nodes are ready (TargetNodes: 2, CurrentReadyNodes: 3, SelectedNodes: 3)"
        )
        #expect(workspace.status["workerNodes"]?.arrayValue?.count == 3)
        #expect(workspace.status["targetNodeCount"] == 2)
        #expect(workspace.finalizers == ["workspace.finalizer.kaito.sh"])
        #expect(workspace.annotation("workspace.kaito.io/revision") == "1")
        let pods = cluster.pods("kaito.sh/workspace", "phi")
        #expect(pods.map(\.name) == ["phi-0", "phi-1"])
        let tolerations = pods[0].spec["tolerations"]?.arrayValue ?? []
        #expect(tolerations.contains { $0["key"] == "nvidia.com/gpu" && $0["operator"] == "Exists" })
        let service = try #require(cluster.running.get(.services, "phi"))
        #expect(
            service.spec["ports"]?[0] == ["name": "http", "protocol": "TCP", "port": 80, "targetPort": 5000]
        )
        #expect(service.spec["selector"]?["statefulset.kubernetes.io/pod-name"] == "phi-0")
        try await cluster.eventually("it leads to the first pod", .endpoints, "phi") {
            $0.json["subsets"]?[0]?["addresses"]?.arrayValue?.count == 1
        }
    }

    @Test("a preset runs KAITO's own image with all GPUs of a node, as their labels count them")
    func runsPresets() async throws {
        let cluster = try await OperatorCluster()
        try await cluster.install("kaito")
        let l4: JSONValue = ["nvidia.com/gpu.count": "4"]
        try await cluster.running.create(
            KaitoOperator.workspaces,
            "phi",
            [
                "resource": ["labelSelector": ["matchLabels": l4]],
                "inference": [
                    "preset": ["name": "phi-4", "presetOptions": ["modelAccessSecret": "hf"]]
                ],
            ]
        )
        try await cluster.running.create(.secrets, "hf", ["data": ["HF_TOKEN": "aGY="]])
        try await Self.success(cluster)
        let container = cluster.pods("kaito.sh/workspace", "phi").first?.spec["containers"]?[0]
        #expect(container?["resources"]?["limits"]?["nvidia.com/gpu"] == "4")
        #expect(container?["command"]?[2]?.stringValue?.contains("--tensor-parallel-size=4") == true)
        #expect(container?["env"]?[0]?["name"] == "HF_TOKEN")
        // Another specification is another revision, which the workload follows.
        try await cluster.running.update(KaitoOperator.workspaces, "phi") {
            $0.json[at: "inference", "preset", "presetOptions"] = nil
        }
        try await cluster.eventually("it is followed", .statefulSets, "phi") {
            $0.annotation("workspace.kaito.io/revision") == "2"
                && $0.spec["template"]?["spec"]?["containers"]?[0]?["env"] == nil
        }
    }

    @Test("without enough nodes the resources are not ready, and the conditions say how many there are")
    func lacksNodes() async throws {
        let cluster = try await OperatorCluster()
        try await cluster.install("kaito")
        try await cluster.running.create(
            KaitoOperator.workspaces,
            "phi",
            Self.workspace(node: ["nvidia.com/gpu.product": "NVIDIA-B200"])
        )
        let workspace = try await cluster.eventually("it says so", KaitoOperator.workspaces, "phi") {
            $0.condition("ResourceReady")?["status"] == "False"
        }
        #expect(workspace.condition("ResourceReady")?["reason"] == "NodeNotReady")
        #expect(
            workspace.condition("NodesReady")?["message"]
                == "Not enough Nodes are ready (TargetNodes: 1, CurrentReadyNodes: 0, SelectedNodes: 0)"
        )
        #expect(workspace.condition("WorkspaceSucceeded") == nil)
    }

    @Test(
        "pods that do not get ready are waited for; after ten minutes the workspace has failed, until they are"
    )
    func showsFailures() async throws {
        let cluster = try await OperatorCluster(clock: ManualClock(), pace: .brisk)
        try await cluster.install("kaito", passing: .seconds(60))
        try await cluster.running.create(
            KaitoOperator.workspaces,
            "phi",
            Self.workspace(simulate: "ImagePullBackOff")
        )
        // This takes no time. If time went on, the ten minutes could be over as soon as the first round has been reported.
        let created = try await cluster.eventually("its nodes are ready", KaitoOperator.workspaces, "phi") {
            $0.isTrue("ResourceReady")
        }
        #expect(created.condition("InferenceReady") == nil)
        let failed = try await cluster.eventually(
            "it has failed",
            KaitoOperator.workspaces,
            "phi",
            passing: .seconds(600)
        ) {
            $0.condition("WorkspaceSucceeded")?["status"] == "False"
        }
        #expect(failed.condition("InferenceReady")?["reason"] == "WorkspaceInferenceStatusFailed")
        #expect(failed.condition("WorkspaceSucceeded")?["message"] == "context deadline exceeded")
        try await cluster.running.update(.statefulSets, "phi") {
            $0.json[at: "spec", "template", "metadata", "annotations"] = nil
        }
        try await cluster.running.delete(.pods, "phi-0")
        try await cluster.eventually(
            "it has succeeded",
            KaitoOperator.workspaces,
            "phi",
            passing: .seconds(60),
            Self.hasSucceeded
        )
    }

    @Test(
        "the number of nodes stays as it was first; the stateful set can be scaled, and the operator leaves it so"
    )
    func scales() async throws {
        let cluster = try await OperatorCluster()
        try await cluster.install("kaito")
        try await cluster.running.create(KaitoOperator.workspaces, "phi", Self.workspace())
        try await Self.success(cluster)
        try await cluster.running.update(.statefulSets, "phi") { $0.json[at: "spec", "replicas"] = 3 }
        try await cluster.running.update(KaitoOperator.workspaces, "phi") {
            $0.json[at: "resource", "count"] = 2
        }
        let workspace = try await cluster.eventually("it is seen", KaitoOperator.workspaces, "phi") {
            $0.annotation("workspace.kaito.io/revision") == "2"
        }
        #expect(workspace.status["targetNodeCount"] == 1)
        try await cluster.eventually("it has three pods", .statefulSets, "phi") {
            $0.status["readyReplicas"] == 3 && $0.spec["replicas"] == 3
        }
    }

    @Test("a workspace that is deleted takes everything with it, its revisions too")
    func deletes() async throws {
        let cluster = try await OperatorCluster()
        try await cluster.install("kaito")
        try await cluster.running.create(KaitoOperator.workspaces, "phi", Self.workspace())
        try await Self.success(cluster)
        try await cluster.running.delete(KaitoOperator.workspaces, "phi")
        try await cluster.eventuallyNone([
            KaitoOperator.workspaces, .statefulSets, .pods, .services, .controllerRevisions,
        ])
    }

    @Test("without its operator a workspace that is deleted stays; with the definitions it goes")
    func needsItsOperatorToGo() async throws {
        let cluster = try await OperatorCluster()
        try await cluster.install("kaito")
        try await cluster.running.create(KaitoOperator.workspaces, "phi", Self.workspace())
        try await Self.success(cluster)
        try await SimulatedOperators.uninstall("kaito", definitions: false, cluster.api)
        try await cluster.running.eventually("the operator is gone") { state in
            state.objects(.pods, in: "kaito-workspace").isEmpty
        }
        #expect(!SimulatedOperators.isInstalled("kaito", cluster.api))
        try await cluster.running.delete(KaitoOperator.workspaces, "phi")
        #expect(cluster.running.get(KaitoOperator.workspaces, "phi")?.isBeingDeleted == true)
        #expect(cluster.pods("kaito.sh/workspace", "phi").count == 1)
        try await SimulatedOperators.uninstall("kaito", definitions: true, cluster.api)
        try await cluster.running.eventually("the definitions are gone") { state in
            state.objects(.customResourceDefinitions).isEmpty && state.objects(.pods, in: "default").isEmpty
        }
    }
}
