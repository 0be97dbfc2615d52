import Capacity
import JSON

@testable import Runtimes

extension GoldenSpecification {
    /// The services of Ray.
    static let ofKubeRay = [
        GoldenSpecification("usual", .kuberay, .vllm, ["modelId": "Qwen/Qwen3-0.6B"]),
        GoldenSpecification(
            "everything",
            .kuberay,
            .vllm,
            [
                "modelId": "meta-llama/Llama-3.1-70B-Instruct", "servedModelName": "llama", "replicas": 2,
                "minReplicas": 1, "maxReplicas": 4, "resources": ["gpu": 4], "workerCpu": "16",
                "workerMemory": "128Gi", "headCpu": "8", "headMemory": "16Gi", "acceleratorType": "A100-80G",
                "tensorParallelSize": 2, "pipelineParallelSize": 2, "contextLength": 32768,
                "enforceEager": false, "enablePrefixCaching": true, "trustRemoteCode": true,
                "gpuMemoryUtilization": 0.85, "maxNumSeqs": 64, "enableChunkedPrefill": true,
                "routerMode": "kv", "hfTokenSecret": "hf-token-secret", "revision": "main",
                "env": ["NCCL_DEBUG": "INFO", "B": "two words"],
                "nodeSelector": ["nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB"],
                "tolerations": [
                    ["key": "dedicated", "operator": "Equal", "value": "ml", "effect": "NoSchedule"]
                ],
                "modelCache": ["claimName": "models", "mountPath": "/models"],
                "podAnnotations": ["example.com/team": "ml"],
                "engineArgs": [
                    "max-num-batched-tokens": 8192, "no-enable-log-requests": true, "swap_space": 4.5,
                    "hf-overrides": ["rope_scaling": .null, "rope_theta": 1_000_000.0],
                ],
            ]
        ),
        GoldenSpecification(
            "apart",
            .kuberay,
            .vllm,
            [
                "modelId": "Qwen/Qwen3-0.6B", "mode": "disaggregated", "prefillReplicas": 2,
                "prefillGpus": 1, "decodeGpus": 2, "decodeMinReplicas": 1, "decodeMaxReplicas": 3,
                "hfTokenSecret": "hf-token-secret",
            ]
        ),
        GoldenSpecification(
            "apart-simple",
            .kuberay,
            .vllm,
            [
                "modelId": "Qwen/Qwen3-0.6B", "mode": "disaggregated", "kvConnector": "SimpleConnector",
                "image": "registry.example.com/ray-llm:nightly",
            ]
        ),
        GoldenSpecification(
            "hostile",
            .kuberay,
            .vllm,
            [
                "modelId": "Qwen/Qwen3-0.6B", "servedModelName": .string(hostileName),
                "engineArgs": [
                    "opt-a": "yes", "opt-b": "012", "opt-c": "- x: !!python/object:os.system",
                    "opt-d": "null", "opt-e": "1e3",
                    "opt-f": ["&x", "*x", "? y", "%z", "~", ""], "opt-g": ["{{ t }}": "a: b #c", "": 0],
                    "opt-h": "it's \"quoted\" \\ $(HF_TOKEN)", "opt-i": "---", "opt-j": false, "opt-k": 1e300,
                ],
                "env": ["C": "$(HF_TOKEN) $$"],
            ]
        ),
    ]
}
