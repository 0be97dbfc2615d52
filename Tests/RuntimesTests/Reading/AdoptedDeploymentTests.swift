import Capacity
import JSON
import KubernetesModel
import Testing

@testable import Runtimes

/// A Deployment that somebody else has made.
private func deployment(_ container: JSONValue, owner: JSONValue? = nil) -> KubernetesObject {
    var container = container
    container["name"] = "server"
    var object: JSONValue = [
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": ["name": "theirs", "namespace": "ml", "uid": "1", "generation": 1],
        "spec": [
            "replicas": 2,
            "template": ["spec": ["containers": [["name": "proxy", "image": "envoy:v1"], container]]],
        ],
    ]
    if let owner { object[at: "metadata", "ownerReferences"] = [owner] }
    return KubernetesObject(object)
}

private struct Case: Sendable {
    let container: JSONValue
    let runtime: RuntimeID
    let engine: InferenceEngine
    let model: String
    let name: String

    init(
        _ container: JSONValue,
        _ runtime: RuntimeID,
        _ engine: InferenceEngine,
        _ model: String,
        _ name: String? = nil
    ) {
        self.container = container
        self.runtime = runtime
        self.engine = engine
        self.model = model
        self.name = name ?? model
    }
}

/// Containers as charts and documentation of the engines write them.
private let cases = [
    Case(
        [
            "image": "vllm/vllm-openai:v0.11.0",
            "args": ["--model", "Qwen/Qwen3-8B", "--served-model-name", "qwen"],
        ],
        .vllm,
        .vllm,
        "Qwen/Qwen3-8B",
        "qwen"
    ),
    Case(
        ["image": "vllm/vllm-openai:latest", "args": ["Qwen/Qwen3-8B", "--port", "8000"]],
        .vllm,
        .vllm,
        "Qwen/Qwen3-8B"
    ),
    Case(
        [
            "image": "r.io/x@sha256:00", "command": ["vllm", "serve", "Qwen/Qwen3-8B"],
            "args": ["--model-impl=auto"],
        ],
        .vllm,
        .vllm,
        "Qwen/Qwen3-8B"
    ),
    Case(
        [
            "image": "x", "command": ["/bin/sh", "-c"],
            "args": [
                "vllm serve mistralai/Mistral-7B-Instruct-v0.3 --trust-remote-code --served-model-name='m 7'"
            ],
        ],
        .vllm,
        .vllm,
        "mistralai/Mistral-7B-Instruct-v0.3",
        "m 7"
    ),
    Case(
        [
            "image": "x", "command": ["python3", "-m", "vllm.entrypoints.openai.api_server"],
            "args": ["--model=$(MODEL)"], "env": [["name": "MODEL", "value": "facebook/opt-125m"]],
        ],
        .vllm,
        .vllm,
        "facebook/opt-125m"
    ),
    Case(
        [
            "image": "lmsysorg/sglang:v0.5.5",
            "command": [
                "python3", "-m", "sglang.launch_server", "--model-path", "/models/llama", "--host", "0.0.0.0",
            ],
        ],
        .vllm,
        .sglang,
        "llama",
        "/models/llama"
    ),
    Case(
        [
            "image": "x",
            "command": ["bash", "-lc", "exec trtllm-serve serve nvidia/Qwen3-8B-FP8 --tp_size 2"],
        ],
        .vllm,
        .tensorRTLLM,
        "nvidia/Qwen3-8B-FP8"
    ),
    Case(
        ["image": "x", "command": ["trtllm-serve"], "args": ["nvidia/Qwen3-8B-FP8"]],
        .vllm,
        .tensorRTLLM,
        "nvidia/Qwen3-8B-FP8"
    ),
    Case(
        [
            "image": "ghcr.io/ggml-org/llama.cpp:server",
            "args": ["-hf", "ggml-org/gemma-3-4b-it-GGUF:Q4_K_M", "-a", "gemma"],
        ],
        .llamacpp,
        .llamaCpp,
        "ggml-org/gemma-3-4b-it-GGUF",
        "gemma"
    ),
    Case(
        ["image": "x", "command": ["/app/llama-server", "-m", "/models/smollm2.gguf"]],
        .llamacpp,
        .llamaCpp,
        "smollm2.gguf",
        "/models/smollm2.gguf"
    ),
    Case(
        [
            "image": "localhost:5000/llama.cpp:server-cuda",
            "env": [
                ["name": "LLAMA_ARG_HF_REPO", "value": "a/b-GGUF"],
                ["name": "LLAMA_ARG_ALIAS", "value": "b"],
            ],
        ],
        .llamacpp,
        .llamaCpp,
        "a/b-GGUF",
        "b"
    ),
]

@Test(arguments: cases.indices)
func aDeploymentThatRunsAnEngineIsReadFromItsArguments(index: Int) throws {
    let expected = cases[index]
    var container = expected.container
    container["resources"] = ["limits": ["nvidia.com/gpu": "2"]]
    let object = deployment(container)
    let readings = Runtimes.all.filter { $0.primary == .deployment }.compactMap { $0.read(object) }
    #expect(readings.count == 1)
    let reading = try #require(readings.first)
    #expect(reading.runtime == expected.runtime && reading.engine == expected.engine)
    #expect(reading.modelID == expected.model)
    #expect(reading.servedName == expected.name)
    #expect(reading.gpus == 2)
    #expect(!reading.isManaged && reading.spec == nil)
    #expect(reading.endpoint == nil)
    #expect(reading.pods == [.deployment("theirs")])
    #expect(reading.replicas.desired == 2)
}

@Test(
    arguments: [
        ["image": "nginx:1"], ["image": "vllm/vllm-openai:v1", "command": ["sleep", "infinity"]],
        ["image": "x", "command": ["python3", "-m", "dynamo.vllm"], "args": ["--model", "a/b"]],
        ["image": "ghcr.io/ggml-org/llama.cpp:full", "args": ["--run", "-m", "x.gguf"]],
        ["image": "lmsysorg/sglang:v0.5.5", "command": ["python3", "-m", "sglang_router.launch_router"]],
    ] as [JSONValue]
)
func aDeploymentOfSomethingElseIsNone(container: JSONValue) {
    for runtime in Runtimes.all where runtime.primary == .deployment {
        #expect(runtime.read(deployment(container)) == nil)
    }
}

@Test(arguments: ["DynamoComponentDeployment", "InferenceService", "Workspace", "RayCluster"])
func aDeploymentOfAnOperatorIsNoneOfItsOwn(kind: String) {
    let container: JSONValue = ["image": "x", "command": ["vllm", "serve", "a/b"]]
    let owner: JSONValue = [
        "apiVersion": "v1", "kind": .string(kind), "name": "o", "uid": "2", "controller": true,
    ]
    #expect(VLLMRuntime.read(deployment(container, owner: owner)) == nil)
    #expect(VLLMRuntime.read(deployment(container)) != nil)
}

@Test func aDeploymentWithTheLabelsOfAnotherRuntimeBelongsToThatOne() throws {
    let spec = try #require(GoldenSpecification.ofKServe.first).spec()
    var object = deployment(["image": "x", "command": ["vllm", "serve", "a/b"]])
    object.json[at: "metadata", "labels"] = OwnMarks.labels(spec)
    #expect(VLLMRuntime.read(object) == nil && LlamaCppRuntime.read(object) == nil)
}
