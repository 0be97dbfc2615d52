import Capacity
import JSON
import KubernetesModel
import Testing

@testable import Runtimes

/// An InferenceService with the status that KServe 0.20 writes (pkg/apis/serving/v1beta1/inference_service_status.go).
private func read(_ status: JSONValue, _ changes: (inout JSONValue) -> Void = { _ in }) throws
    -> DeploymentReading
{
    let json: JSONValue = ["name": "isvc", "modelId": "a/b", "replicas": 2]
    let spec = try DeploymentRequest(json: json).spec(on: .kserve, engine: .vllm, namespace: "ml")
    var object = try #require(try KServeRuntime.render(spec).first).object
    object["status"] = status
    changes(&object)
    return try #require(KServeRuntime.read(KubernetesObject(object)))
}

private func condition(_ type: String, _ status: String, _ reason: String = "", _ message: String = "")
    -> JSONValue
{
    var json: JSONValue = [
        "type": .string(type), "status": .string(status), "lastTransitionTime": "2026-01-01T00:00:00Z",
    ]
    if !reason.isEmpty { json["reason"] = .string(reason) }
    if !message.isEmpty { json["message"] = .string(message) }
    return json
}

private let ready: JSONValue = [
    "observedGeneration": 1, "deploymentMode": "Standard",
    "clusterServingRuntimeName": "kserve-huggingfaceserver",
    "address": ["url": "http://isvc-predictor.ml.svc.cluster.local"], "url": "http://isvc-ml.example.com",
    "components": ["predictor": ["url": "http://isvc-predictor-ml.example.com"]],
    "conditions": [
        condition("IngressReady", "True"), condition("PredictorReady", "True", "NewReplicaSetAvailable"),
        condition("Ready", "True"), condition("Stopped", "False"),
    ],
    "modelStatus": [
        "copies": ["failedCopies": 0, "totalCopies": 2],
        "states": ["activeModelState": "Loaded", "targetModelState": "Loaded"],
        "transitionStatus": "UpToDate",
    ],
]

@Test func aReadyInferenceServiceRuns() throws {
    // The observed generation is the one of its Deployment.
    let reading = try read(ready) { $0[at: "metadata", "generation"] = 7 }
    #expect(reading.phase == .running && reading.message.isEmpty)
    #expect(reading.replicas == ReplicaCounts(desired: 2, ready: 2, available: 2))
    #expect(reading.endpoint == ServiceEndpoint("isvc-predictor", port: 80))
    #expect(reading.pods == [.label("serving.kserve.io/inferenceservice", "isvc")])
}

@Test func anInferenceServiceWithoutAStatusIsPending() throws {
    #expect(try read(.null).phase == .pending)
}

@Test func anInferenceServiceWhosePodsStartIsDeploying() throws {
    let text = "Deployment does not have minimum availability."
    let reading = try read([
        "conditions": [
            condition("IngressReady", "True"),
            condition("PredictorReady", "False", "MinimumReplicasUnavailable", text),
            condition("Ready", "False", "MinimumReplicasUnavailable", text),
        ],
        "modelStatus": [
            "copies": ["failedCopies": 0, "totalCopies": 0],
            "states": ["activeModelState": "", "targetModelState": "Pending"],
            "transitionStatus": "InProgress",
        ],
    ])
    #expect(reading.phase == .deploying && reading.message == text)
    #expect(reading.replicas == ReplicaCounts(desired: 2))
}

@Test func anInferenceServiceThatIsReadyButNotReachableIsNotRunning() throws {
    let reading = try read([
        "conditions": [
            condition("IngressReady", "False", "HTTPRouteNotReady", "Failed to create HTTPRoute"),
            condition("PredictorReady", "True"),
            condition("Ready", "False", "HTTPRouteNotReady", "Failed to create HTTPRoute"),
        ]
    ])
    #expect(reading.phase == .deploying && reading.message == "Failed to create HTTPRoute")
}

@Test(
    arguments: [
        (
            "BlockedByFailedLoad",
            [
                "reason": "ModelLoadFailed", "exitCode": 1,
                "message": "torch.OutOfMemoryError: CUDA out of memory.",
            ],
            "ModelLoadFailed: torch.OutOfMemoryError: CUDA out of memory."
        ),
        (
            "InvalidSpec",
            ["reason": "RuntimeNotRecognized", "message": "Waiting for runtime to become available"],
            "RuntimeNotRecognized: Waiting for runtime to become available"
        ),
        (
            "InvalidSpec",
            [
                "reason": "NoSupportingRuntime",
                "message": "No runtime found to support specified framework/version",
            ],
            "NoSupportingRuntime: No runtime found to support specified framework/version"
        ),
    ] as [(String, JSONValue, String)]
)
func anInferenceServiceWhoseModelDoesNotLoadHasFailed(transition: String, failure: JSONValue, message: String)
    throws
{
    let reading = try read([
        "conditions": [condition("PredictorReady", "False"), condition("Ready", "False")],
        "modelStatus": [
            "lastFailureInfo": failure,
            "states": ["activeModelState": "", "targetModelState": "FailedToLoad"],
            "transitionStatus": .string(transition),
        ],
    ])
    #expect(reading.phase == .failed && reading.message == message)
}

@Test func anInferenceServiceWhosePodsAreRefusedHasFailed() throws {
    let quota = #"pods "isvc-predictor-5d" is forbidden: exceeded quota: gpus"#
    let reading = try read([
        "conditions": [
            condition("PredictorReady", "False", "FailedCreate", quota),
            condition("Ready", "False", "FailedCreate", quota),
        ]
    ])
    #expect(reading.phase == .failed && reading.message == quota)
}

@Test func aStoppedInferenceServiceIsNotRunning() throws {
    let reading = try read([
        "conditions": [
            condition("Stopped", "True", "Stopped"), condition("PredictorReady", "False", "Stopped"),
        ]
    ]) { $0[at: "metadata", "annotations", "serving.kserve.io/stop"] = "true" }
    #expect(reading.phase == .pending && reading.replicas.desired == 0)
    #expect(DeploymentStanding(reading, []).phase == .pending)
}

private func theirs(_ predictor: JSONValue) -> KubernetesObject {
    KubernetesObject([
        "apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService",
        "metadata": ["name": "theirs", "namespace": "ml"], "spec": ["predictor": predictor],
    ])
}

@Test func anInferenceServiceOfSomebodyElseIsReadFromItsPredictor() throws {
    let named = try #require(
        KServeRuntime.read(
            theirs([
                "minReplicas": 3,
                "model": [
                    "modelFormat": ["name": "huggingface"],
                    "args": ["--model_name=llama3", "--model_id=meta-llama/Meta-Llama-3-8B-Instruct"],
                    "resources": ["limits": ["cpu": "6", "nvidia.com/gpu": "1"]],
                ],
            ])
        )
    )
    #expect(named.modelID == "meta-llama/Meta-Llama-3-8B-Instruct" && named.servedName == "llama3")
    #expect(named.engine == .vllm && named.gpus == 1 && named.replicas.desired == 3 && !named.isManaged)
    #expect(named.endpoint == ServiceEndpoint("theirs-predictor", port: 80, path: "/openai"))

    let stored = try #require(
        KServeRuntime.read(
            theirs(["model": ["modelFormat": ["name": "vLLM"], "storageUri": "hf://Qwen/Qwen3-8B:main"]])
        )
    )
    #expect(stored.modelID == "Qwen/Qwen3-8B" && stored.servedName == "theirs" && stored.engine == .vllm)

    let container = try #require(
        KServeRuntime.read(
            theirs(["containers": [["image": "x", "command": ["llama-server", "-hf", "a/b-GGUF"]]]])
        )
    )
    #expect(container.modelID == "a/b-GGUF" && container.engine == .llamaCpp)
    #expect(container.endpoint?.path == "")
}

@Test(arguments: ["sklearn", "xgboost", "tensorflow", "onnx"])
func anInferenceServiceOfAnotherKindOfModelIsNone(format: String) {
    let model: JSONValue = ["modelFormat": ["name": .string(format)], "storageUri": "gs://a/b"]
    #expect(KServeRuntime.read(theirs(["model": model])) == nil)
}
