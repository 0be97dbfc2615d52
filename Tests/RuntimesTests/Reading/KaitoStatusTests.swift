import Capacity
import JSON
import KubernetesModel
import Testing

@testable import Runtimes

private func workspace(_ wish: JSONValue, _ engine: InferenceEngine, status: JSONValue = .null) throws
    -> KubernetesObject
{
    var json = wish
    json["name"] = "phi"
    let spec = try DeploymentRequest(json: json).spec(on: .kaito, engine: engine, namespace: "models")
    var object = KubernetesObject(try #require(try KaitoRuntime.render(spec).first).object)
    object.status = status
    return object
}

private func status(_ state: String?, _ conditions: (String, String, String, String)...) -> JSONValue {
    var status: JSONValue = [
        "conditions": .array(
            conditions.map { type, value, reason, message in
                [
                    "type": .string(type), "status": .string(value), "reason": .string(reason),
                    "message": .string(message), "lastTransitionTime": "2026-03-02T10:27:42Z",
                    "observedGeneration": 1,
                ]
            }
        ),
        "targetNodeCount": 1, "workerNodes": ["gpu-node-1"],
    ]
    status["state"] = state.map(JSONValue.string)
    return status
}

private let resourceReady = (
    "ResourceReady", "True", "workspaceResourceStatusSuccess", "workspace resource is ready"
)
private let inferenceReady = (
    "InferenceReady", "True", "WorkspaceInferenceStatusSuccess", "Inference has been deployed successfully"
)
private let succeeded = ("WorkspaceSucceeded", "True", "workspaceSucceeded", "workspace succeeds")
private let pending = (
    "WorkspaceSucceeded", "False", "workspacePending", "workspace is waiting for inference workload readiness"
)
private let failed = ("WorkspaceSucceeded", "False", "workspaceFailed", "context deadline exceeded")
private let noNodes = (
    "ResourceReady", "False", "NodeNotReady",
    "Not enough Nodes are ready (TargetNodes: 1, CurrentReadyNodes: 0, SelectedNodes: 0)"
)

@Test(
    arguments: [
        // KAITO 0.8 and 0.9 write conditions only.
        (status(nil, resourceReady, inferenceReady, succeeded), .running, 1, ""),
        (status(nil, resourceReady), .deploying, 0, ""),
        (status(nil, noNodes), .pending, 0, noNodes.3),
        (status(nil, resourceReady, failed), .failed, 0, "context deadline exceeded"),
        (.null, .pending, 0, ""),
        // KAITO 0.10 and newer write a state too.
        (status("Ready", resourceReady, inferenceReady, succeeded), .running, 1, ""),
        (status("Pending", noNodes, pending), .pending, 0, noNodes.3),
        (status("Pending", resourceReady, pending), .deploying, 0, pending.3),
        (status("NotReady", resourceReady, pending), .deploying, 0, pending.3),
        (status("Failed", resourceReady, failed), .failed, 0, "context deadline exceeded"),
    ] as [(JSONValue, DeploymentPhase, Int, String)]
)
func aWorkspaceStandsAsItsStatusSays(
    status: JSONValue,
    phase: DeploymentPhase,
    ready: Int,
    message: String
) throws {
    let object = try workspace(["modelId": "microsoft/phi-4"], .vllm, status: status)
    let reading = try #require(KaitoRuntime.read(object))
    #expect(reading.phase == phase && reading.replicas.ready == ready)
    if phase == .failed || phase == .running || phase == .pending { #expect(reading.message == message) }
    #expect(reading.replicas.desired == 1)
}

@Test func aWorkspaceOfIngotIsReadFromItsSpecification() throws {
    let vllm = try #require(
        KaitoRuntime.read(try workspace(["modelId": "microsoft/phi-4", "replicas": 2], .vllm))
    )
    #expect(vllm.isManaged && vllm.engine == .vllm && vllm.modelID == "microsoft/phi-4")
    #expect(vllm.endpoint == ServiceEndpoint("phi-vllm", port: 8000) && vllm.replicas.desired == 2)
    #expect(vllm.pods == [.label(OwnMarks.deployment, "phi")])
    let file = try #require(
        KaitoRuntime.read(
            try workspace(["modelId": "o/m-GGUF", "ggufFile": "q4/m-Q4_K_M.gguf"], .llamaCpp)
        )
    )
    #expect(file.engine == .llamaCpp && file.modelID == "o/m-GGUF" && file.servedName == "m-Q4_K_M")
    #expect(file.endpoint == ServiceEndpoint("phi", port: 80))
    let premade = try #require(
        KaitoRuntime.read(try workspace(["premadeModel": "phi4:14b", "replicas": 2], .llamaCpp))
    )
    #expect(premade.modelID == "phi-4-14b-instruct" && premade.servedName == "phi-4-14b-instruct")
    // KAITO's own service leads to the first pod alone.
    #expect(premade.endpoint == ServiceEndpoint("phi-llamacpp", port: 80))
}

private func foreign(_ inference: JSONValue, labels: JSONValue = [:], status: JSONValue = .null)
    -> KubernetesObject
{
    var object: JSONValue = [
        "apiVersion": "kaito.sh/v1beta1", "kind": "Workspace",
        "metadata": ["name": "other", "namespace": "models", "labels": labels],
        "resource": ["count": 2, "labelSelector": ["matchLabels": ["apps": "other"]]],
    ]
    object["inference"] = inference
    object["status"] = status
    return KubernetesObject(object)
}

private func template(_ container: JSONValue) -> JSONValue {
    ["template": ["spec": ["containers": [container]]]]
}

@Test(
    arguments: [
        (
            // KubeFoundry's own.
            template([
                "name": "model", "image": "mcr.microsoft.com/aks/kaito/kaito-base:0.1.1",
                "command": ["python"],
                "args": ["-m", "vllm.entrypoints.openai.api_server", "--model", "microsoft/phi-4"],
            ]), .vllm, "microsoft/phi-4", "other-vllm:8000", 2
        ),
        (
            template([
                "name": "model", "image": "docker.io/sozercan/runner:latest",
                "args": ["huggingface://o/m-GGUF/m-Q4_K_M.gguf", "--address=:5000"],
            ]), .llamaCpp, "o/m-GGUF", "other:80", 2
        ),
        (
            template([
                "name": "model", "image": "ghcr.io/kaito-project/aikit/llama3.2:3b",
                "args": ["run", "--address=:5000"],
            ]), .llamaCpp, "llama-3.2-3b-instruct", "other:80", 2
        ),
        (
            template(["name": "model", "image": "localhost:30500/aikit-m:Q4_K_M", "args": ["run"]]),
            .llamaCpp,
            "localhost:30500/aikit-m:Q4_K_M", "other:80", 2
        ),
        (["preset": ["name": "phi-4-mini-instruct"]], .vllm, "phi-4-mini-instruct", "other:80", 3),
    ] as [(JSONValue, InferenceEngine, String, String, Int)]
)
func aWorkspaceOfSomebodyElseIsReadFromItsTemplateOrPreset(
    inference: JSONValue,
    engine: InferenceEngine,
    model: String,
    endpoint: String,
    desired: Int
) throws {
    let object = foreign(inference, status: ["targetNodeCount": 3, "state": "Ready"])
    let reading = try #require(KaitoRuntime.read(object))
    #expect(!reading.isManaged && reading.engine == engine && reading.modelID == model)
    #expect(reading.endpoint?.description == endpoint && reading.phase == .running)
    #expect(reading.replicas.desired == desired && reading.replicas.ready == desired)
    #expect(reading.pods == [.label("kaito.sh/workspace", "other")])
}

@Test func aWorkspaceThatTunesAModelServesNone() {
    var object = foreign(.null)
    object.json["inference"] = nil
    object.json["tuning"] = ["method": "qlora", "preset": ["name": "phi-4"]]
    #expect(KaitoRuntime.read(object) == nil)
}
