import Capacity
import JSON
import Testing

@testable import Runtimes

private func spec(_ wish: JSONValue, _ runtime: RuntimeID, _ engine: InferenceEngine) throws -> DeploymentSpec
{
    var json = wish
    json["name"] = "d"
    if json["modelId"] == nil { json["modelId"] = "owner/model" }
    return try DeploymentRequest(json: json).spec(on: runtime, engine: engine, namespace: "ml")
}

/// The words of the engine's container.
private func words(_ wish: JSONValue, _ runtime: RuntimeID, _ engine: InferenceEngine) throws -> [String] {
    let spec = try spec(wish, runtime, engine)
    let type = try #require(Runtimes.runtime(runtime))
    let object = try #require(try type.render(spec).first).object
    let pod = object["spec"]?["template"]?["spec"]
    let container = pod?["containers"]?[0] ?? object["spec"]?["predictor"]?["model"] ?? .null
    return (container["args"]?.arrayValue ?? []).compactMap(\.stringValue)
}

/// Whether some words stand behind each other among others.
private func contains(_ words: [String], _ wanted: [String]) -> Bool {
    words.indices.contains { words[$0...].starts(with: wanted) }
}

/// What a field becomes on each server's command line; nothing where the server has it by default.
private let expectations: [(JSONValue, RuntimeID, InferenceEngine, [String])] = [
    (["servedModelName": "m"], .vllm, .vllm, ["--served-model-name", "m"]),
    (["servedModelName": "m"], .vllm, .sglang, ["--served-model-name", "m"]),
    (["servedModelName": "m"], .kserve, .vllm, ["--model_name", "m"]),
    (["servedModelName": "m"], .llamacpp, .llamaCpp, ["--alias", "m"]),
    (["revision": "r"], .vllm, .vllm, ["--revision", "r"]),
    (["revision": "r"], .vllm, .sglang, ["--revision", "r"]),
    (["revision": "r"], .vllm, .tensorRTLLM, ["--revision", "r"]),
    (["revision": "r"], .kserve, .vllm, ["--model_revision", "r"]),
    (["contextLength": 9], .vllm, .vllm, ["--max-model-len", "9"]),
    (["contextLength": 9], .vllm, .sglang, ["--context-length", "9"]),
    (["contextLength": 9], .vllm, .tensorRTLLM, ["--max_seq_len", "9"]),
    (["contextLength": 9], .kserve, .vllm, ["--max_model_len", "9"]),
    (["contextLength": 9], .llamacpp, .llamaCpp, ["--ctx-size", "9"]),
    // The context is that of one request, and llama.cpp shares what it is told among its slots.
    (["contextLength": 9, "maxNumSeqs": 3], .llamacpp, .llamaCpp, ["--ctx-size", "27", "--parallel", "3"]),
    (["maxNumSeqs": 3], .vllm, .vllm, ["--max-num-seqs", "3"]),
    (["maxNumSeqs": 3], .vllm, .sglang, ["--max-running-requests", "3"]),
    (["maxNumSeqs": 3], .vllm, .tensorRTLLM, ["--max_batch_size", "3"]),
    (["gpuMemoryUtilization": 0.5], .vllm, .vllm, ["--gpu-memory-utilization", "0.5"]),
    (["gpuMemoryUtilization": 0.5], .vllm, .sglang, ["--mem-fraction-static", "0.5"]),
    (["gpuMemoryUtilization": 1], .vllm, .vllm, ["--gpu-memory-utilization", "1.0"]),
    (["resources": ["gpu": 4]], .vllm, .vllm, ["--tensor-parallel-size", "4"]),
    (["resources": ["gpu": 4]], .vllm, .sglang, ["--tp-size", "4"]),
    (
        ["resources": ["gpu": 4], "pipelineParallelSize": 2], .vllm, .sglang,
        ["--tp-size", "2", "--pp-size", "2"]
    ),
    (
        ["resources": ["gpu": 4], "pipelineParallelSize": 2], .vllm, .tensorRTLLM,
        ["--tensor_parallel_size", "2", "--pipeline_parallel_size", "2"]
    ),
    (["resources": ["gpu": 1]], .llamacpp, .llamaCpp, ["--n-gpu-layers", "999"]),
    (["enableChunkedPrefill": true], .vllm, .vllm, ["--enable-chunked-prefill"]),
    (["enableChunkedPrefill": false], .vllm, .vllm, ["--no-enable-chunked-prefill"]),
    (["enableChunkedPrefill": false], .vllm, .sglang, ["--chunked-prefill-size", "-1"]),
    (["enableChunkedPrefill": true], .vllm, .tensorRTLLM, ["--enable_chunked_prefill"]),
    (["trustRemoteCode": true], .vllm, .vllm, ["--trust-remote-code"]),
    (["trustRemoteCode": true], .vllm, .sglang, ["--trust-remote-code"]),
    (["trustRemoteCode": true], .vllm, .tensorRTLLM, ["--trust_remote_code"]),
    (["trustRemoteCode": true], .kserve, .vllm, ["--trust_remote_code"]),
    (["enforceEager": true], .vllm, .vllm, ["--enforce-eager"]),
    (["enforceEager": true], .vllm, .sglang, ["--disable-cuda-graph"]),
    (["enablePrefixCaching": true], .vllm, .vllm, ["--enable-prefix-caching"]),
    (["enablePrefixCaching": false], .vllm, .vllm, ["--no-enable-prefix-caching"]),
    (["enablePrefixCaching": false], .vllm, .sglang, ["--disable-radix-cache"]),
    (["enablePrefixCaching": false], .llamacpp, .llamaCpp, ["--no-cache-prompt"]),
    (["ggufFile": "a/b.gguf"], .llamacpp, .llamaCpp, ["--hf-repo", "owner/model", "--hf-file", "a/b.gguf"]),
    (["modelPath": "/m/b.gguf"], .llamacpp, .llamaCpp, ["--model", "/m/b.gguf"]),
    (["engineArgs": ["max_num_batched_tokens": 8]], .kserve, .vllm, ["--max-num-batched-tokens", "8"]),
    (["engineArgs": ["max-log-len": 8]], .kserve, .vllm, ["--max_log_len", "8"]),
    (["engineArgs": ["max_num_tokens": 8]], .vllm, .tensorRTLLM, ["--max_num_tokens", "8"]),
    (["modelId": "o/m:Q8_0"], .llamacpp, .llamaCpp, ["--hf-repo", "o/m:Q8_0"]),
]

@Test(arguments: expectations.indices)
func aFieldBecomesTheServersOption(index: Int) throws {
    let (wish, runtime, engine, wanted) = expectations[index]
    let found = try words(wish, runtime, engine)
    #expect(contains(found, wanted), "\(wanted) in \(found)")
}

@Test(
    arguments: [
        ("enforceEager", false, InferenceEngine.vllm, "--enforce-eager"),
        ("enforceEager", false, .sglang, "--disable-cuda-graph"),
        ("enablePrefixCaching", true, .sglang, "--disable-radix-cache"),
        ("enableChunkedPrefill", true, .sglang, "--chunked-prefill-size"),
        ("trustRemoteCode", false, .vllm, "--trust-remote-code"),
    ]
)
func whatAServerDoesByItselfIsNotSaid(field: String, value: Bool, engine: InferenceEngine, option: String)
    throws
{
    #expect(try !words([field: .bool(value)], .vllm, engine).contains(option))
}

@Test func whatTensorRTLLMHasNoOptionForGoesIntoItsConfiguration() throws {
    func settings(_ wish: JSONValue) throws -> JSONValue {
        TensorRTLLMCommand.settings(try spec(wish, .vllm, .tensorRTLLM))
    }
    #expect(
        try settings(["gpuMemoryUtilization": 0.5]) == [
            "kv_cache_config": ["enable_block_reuse": false, "free_gpu_memory_fraction": 0.5],
            "cuda_graph_config": .null,
        ]
    )
    #expect(
        try settings(["enforceEager": false, "enablePrefixCaching": true])
            == ["kv_cache_config": ["enable_block_reuse": true]]
    )
}

/// Fields that a runtime or an engine cannot do.
private let refusals: [(JSONValue, RuntimeID, InferenceEngine, String)] = [
    (["servedModelName": "x"], .vllm, .tensorRTLLM, "servedModelName"),
    (["minReplicas": 1, "maxReplicas": 4], .vllm, .vllm, "maxReplicas"),
    (["routerMode": "kv"], .vllm, .vllm, "routerMode"), (["mode": "disaggregated"], .vllm, .vllm, "engine"),
    (["ggufFile": "x.gguf"], .vllm, .vllm, "ggufFile"),
    (["resources": ["gpu": 0]], .vllm, .vllm, "resources.gpu"),
    (["modelPath": "/etc/ssl"], .vllm, .vllm, "modelPath"),
    (["modelPath": "//var/./lib"], .vllm, .vllm, "modelPath"),
    (["modelPath": "/models"], .vllm, .vllm, "modelPath"),
    (["modelPath": "/srv/models/x"], .llamacpp, .llamaCpp, "modelPath"),
    (["resources": ["gpu": 4], "tensorParallelSize": 3], .vllm, .vllm, "tensorParallelSize"),
    (["revision": "main"], .llamacpp, .llamaCpp, "revision"),
    (["gpuMemoryUtilization": 0.5], .llamacpp, .llamaCpp, "gpuMemoryUtilization"),
    (["enableChunkedPrefill": false], .llamacpp, .llamaCpp, "enableChunkedPrefill"),
    (["servedModelName": "a,b"], .llamacpp, .llamaCpp, "servedModelName"),
    (["tensorParallelSize": 2], .llamacpp, .llamaCpp, "tensorParallelSize"),
    (["resources": ["gpu": 4], "pipelineParallelSize": 2], .kserve, .vllm, "pipelineParallelSize"),
    (["resources": ["gpu": 4], "tensorParallelSize": 2], .kserve, .vllm, "tensorParallelSize"),
    (["modelPath": "/srv/models/x"], .kserve, .vllm, "modelPath"), ([:], .kserve, .sglang, "engine"),
    (["minReplicas": 0, "maxReplicas": 4], .kserve, .vllm, "minReplicas"),
]

@Test(arguments: refusals.indices)
func aFieldThatCannotBeDoneIsNamed(index: Int) throws {
    let (wish, runtime, engine, field) = refusals[index]
    let spec = try spec(wish, runtime, engine)
    let type = try #require(Runtimes.runtime(runtime))
    do throws(InvalidDeployment) {
        _ = try type.render(spec)
        Issue.record("it was rendered")
    } catch {
        #expect(error.problems.map(\.path).contains(field), "\(error)")
    }
}

@Test func theFieldsOfOptionsAreNotSetByEngineArguments() throws {
    for option in [
        "np", "no_cache_prompt", "free_gpu_memory_fraction", "enable-chunked-prefill", "http_port",
    ] {
        #expect(throws: InvalidDeployment.self) { try spec(["engineArgs": [option: 1]], .vllm, .vllm) }
    }
}

@Test func runtimesWithAnOperatorGoBeforePlainOnes() {
    var ids: [RuntimeID] = []
    for runtime in Runtimes.all { ids.append(runtime.id) }
    #expect(ids == [.dynamo, .kuberay, .kserve, .kaito, .vllm, .llamacpp])
}
