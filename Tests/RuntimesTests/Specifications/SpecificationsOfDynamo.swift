import Capacity
import JSON

@testable import Runtimes

extension GoldenSpecification {
    /// Texts that a shell, YAML or Kubernetes could take for something else than themselves.
    static let hostileName = #"it's "$(HF_TOKEN)" `id` & <b>: {a: b} # \ ünï"#

    /// Everything that all engines have a field for.
    private static let everything: JSONValue = [
        "modelId": "meta-llama/Llama-3.1-70B-Instruct", "servedModelName": "llama", "replicas": 2,
        "resources": ["gpu": 4, "cpu": "16", "memory": "128Gi"], "tensorParallelSize": 2,
        "pipelineParallelSize": 2, "contextLength": 32768, "enforceEager": false, "enablePrefixCaching": true,
        "trustRemoteCode": true, "gpuMemoryUtilization": 0.85, "maxNumSeqs": 64,
        "enableChunkedPrefill": true, "routerMode": "kv", "hfTokenSecret": "hf-token-secret",
        "env": ["NCCL_DEBUG": "INFO", "B": "two words"],
        "nodeSelector": ["nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB"],
        "tolerations": [["key": "dedicated", "operator": "Equal", "value": "ml", "effect": "NoSchedule"]],
        "modelCache": ["claimName": "models", "mountPath": "/models"],
        "podAnnotations": ["example.com/team": "ml"],
    ]

    private static func everything(with more: JSONValue) -> JSONValue {
        var wish = everything
        for member in more.objectValue ?? JSONMembers() { wish[member.key] = member.value }
        return wish
    }

    private static let apart: JSONValue = [
        "modelId": "Qwen/Qwen3-0.6B", "mode": "disaggregated", "prefillReplicas": 2, "decodeReplicas": 1,
        "prefillGpus": 1, "decodeGpus": 2, "hfTokenSecret": "hf-token-secret",
    ]

    private static func apart(router: String) -> JSONValue {
        var wish = apart
        wish["routerMode"] = .string(router)
        return wish
    }

    /// The graphs of NVIDIA Dynamo.
    static let ofDynamo = [
        GoldenSpecification("vllm-usual", .dynamo, .vllm, ["modelId": "Qwen/Qwen3-0.6B"]),
        GoldenSpecification(
            "vllm-everything",
            .dynamo,
            .vllm,
            everything(with: ["revision": "main", "engineArgs": ["max-num-batched-tokens": 8192]])
        ),
        GoldenSpecification("vllm-apart", .dynamo, .vllm, apart),
        GoldenSpecification("vllm-apart-kv", .dynamo, .vllm, apart(router: "kv")),
        GoldenSpecification(
            "vllm-hostile",
            .dynamo,
            .vllm,
            [
                "modelId": "Qwen/Qwen3-0.6B", "servedModelName": .string(hostileName),
                "engineArgs": ["chat-template": "{{ a }}\"'; rm -rf / #", "x": ["deep": ["$(A)", true]]],
                "engineExtraArgs": ["--y=$(B) && true", "- z: 1"], "env": ["C": "$(HF_TOKEN) $$"],
            ]
        ),
        GoldenSpecification(
            "vllm-own-image",
            .dynamo,
            .vllm,
            [
                "modelId": "Qwen/Qwen3-0.6B", "image": "registry.example.com/vllm-runtime:1.2.0",
                "modelPath": "/models/qwen", "routerMode": "round-robin",
            ]
        ),
        GoldenSpecification("sglang-usual", .dynamo, .sglang, ["modelId": "Qwen/Qwen3-0.6B"]),
        GoldenSpecification(
            "sglang-everything",
            .dynamo,
            .sglang,
            everything(with: ["engineArgs": ["attention-backend": "flashinfer", "page_size": 32]])
        ),
        GoldenSpecification("sglang-apart", .dynamo, .sglang, apart),
        GoldenSpecification("trtllm-usual", .dynamo, .tensorRTLLM, ["modelId": "Qwen/Qwen3-0.6B"]),
        GoldenSpecification(
            "trtllm-everything",
            .dynamo,
            .tensorRTLLM,
            everything(with: [
                "engineArgs": ["max-num-tokens": 8192, "override-engine-args": ["backend": "pytorch"]]
            ])
        ),
        GoldenSpecification("trtllm-apart", .dynamo, .tensorRTLLM, apart),
    ]
}
