import JSON
import KubernetesModel
import Testing

@testable import EmbeddedCluster

@Suite(.timeLimit(.minutes(10)))
struct DynamoOperatorTests {
    private static let graph: JSONValue = [
        "spec": [
            "backendFramework": "vllm",
            "services": [
                "Frontend": [
                    "componentType": "frontend", "replicas": 1,
                    "extraPodSpec": [
                        "mainContainer": ["image": "nvcr.io/nvidia/ai-dynamo/vllm-runtime:0.7.1"]
                    ],
                ],
                "VllmWorker": [
                    "componentType": "worker", "replicas": 2,
                    "resources": ["limits": ["gpu": "1"], "requests": ["gpu": "1"]],
                    "extraPodSpec": [
                        "mainContainer": [
                            "image": "nvcr.io/nvidia/ai-dynamo/vllm-runtime:0.7.1",
                            "command": ["/bin/sh", "-c"],
                            "args": ["python3 -m dynamo.vllm --model Qwen/Qwen3-0.6B"],
                        ]
                    ],
                ],
            ],
        ]
    ]

    private static func state(_ graph: KubernetesObject) -> String? { graph.status["state"]?.stringValue }

    @Test(
        "a graph deployment gets deployments, labelled pods and services, and is successful once all are ready"
    )
    func becomesReady() async throws {
        let cluster = try await OperatorCluster()
        try await cluster.install("dynamo")
        try await cluster.running.create(DynamoOperator.graphs, "llama", Self.graph)
        let graph = try await cluster.eventually("it is successful", DynamoOperator.graphs, "llama") {
            Self.state($0) == "successful"
        }
        #expect(graph.isTrue("Ready"))
        #expect(graph.condition("Ready")?["reason"] == "all_resources_are_ready")
        let worker = graph.status["services"]?["VllmWorker"]
        #expect(worker?["replicas"] == 2 && worker?["readyReplicas"] == 2)
        #expect(worker?["componentName"] == "llama-vllmworker")
        let pods = cluster.pods("nvidia.com/dynamo-graph-deployment-name", "llama")
        #expect(pods.count == 3)
        #expect(cluster.pods("nvidia.com/dynamo-component", "VllmWorker").count == 2)
        for pod in cluster.pods("nvidia.com/dynamo-component-type", "worker") {
            let container = pod.spec["containers"]?[0]
            #expect(container?["resources"]?["limits"]?["nvidia.com/gpu"] == "1")
            #expect(container?["args"]?[0] == "python3 -m dynamo.vllm --model Qwen/Qwen3-0.6B")
        }
        let service = try #require(cluster.running.get(.services, "llama-frontend"))
        #expect(service.spec["ports"]?[0]?["port"] == 8000)
        try await cluster.eventually("the service has the frontend", .endpoints, "llama-frontend") {
            $0.json["subsets"]?[0]?["addresses"]?.arrayValue?.count == 1
        }
    }

    @Test("a graph whose pods crash stays pending and names the components; once repaired it is successful")
    func showsFailures() async throws {
        let cluster = try await OperatorCluster()
        try await cluster.install("dynamo")
        var broken = Self.graph
        broken[at: "spec", "services", "VllmWorker", "annotations"] = [
            "ingot.dev/simulate": "ImagePullBackOff"
        ]
        try await cluster.running.create(DynamoOperator.graphs, "llama", broken)
        let graph = try await cluster.eventually(
            "the frontend alone is ready",
            DynamoOperator.graphs,
            "llama"
        ) {
            guard let message = $0.condition("Ready")?["message"]?.stringValue else { return false }
            return $0.status["services"]?["Frontend"]?["readyReplicas"] == 1
                && !message.contains("llama-frontend")
                // The workers' component may be made, and looked at, when the frontend is ready already.
                && !message.contains("spec not yet processed")
        }
        #expect(Self.state(graph) == "pending")
        #expect(
            graph.condition("Ready")?["message"]
                == "Resources not ready: llama-vllmworker: Component deployment not ready - Available condition not true"
        )
        try await cluster.running.update(DynamoOperator.graphs, "llama") {
            $0.json[at: "spec", "services", "VllmWorker", "annotations"] = nil
        }
        try await cluster.eventually("it is successful", DynamoOperator.graphs, "llama") {
            Self.state($0) == "successful" && $0.status["observedGeneration"] == 2
        }
    }

    @Test("a service taken out of a graph takes its deployment with it, and a deleted graph takes everything")
    func deletes() async throws {
        let cluster = try await OperatorCluster()
        try await cluster.install("dynamo")
        try await cluster.running.create(DynamoOperator.graphs, "llama", Self.graph)
        try await cluster.eventually("it is successful", DynamoOperator.graphs, "llama") {
            Self.state($0) == "successful"
        }
        try await cluster.running.update(DynamoOperator.graphs, "llama") {
            $0.json[at: "spec", "services", "VllmWorker"] = nil
        }
        try await cluster.running.eventually("the workers are gone") { state in
            state.object(.deployments, "default", "llama-vllmworker") == nil
                && state.objects(.pods, in: "default").count == 1
        }
        try await cluster.running.delete(DynamoOperator.graphs, "llama")
        try await cluster.eventuallyNone([
            DynamoOperator.graphs, DynamoOperator.components, .deployments, .pods, .services,
        ])
    }

    @Test("several nodes for one service need an orchestrator that is not there: the graph has failed")
    func refusesMultinode() async throws {
        let cluster = try await OperatorCluster()
        try await cluster.install("dynamo")
        var wide = Self.graph
        wide[at: "spec", "services", "VllmWorker", "multinode"] = ["nodeCount": 2]
        try await cluster.running.create(DynamoOperator.graphs, "llama", wide)
        let graph = try await cluster.eventually("it has failed", DynamoOperator.graphs, "llama") {
            Self.state($0) == "failed"
        }
        #expect(graph.condition("Ready")?["reason"] == "failed_to_reconcile_the_resources")
    }
}
