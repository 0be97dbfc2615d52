import Capacity
import JSON
import Runtimes

extension GoldenSpecification {
    /// The plain Deployments of vLLM, SGLang and TensorRT-LLM.
    static let ofVLLM = [
        GoldenSpecification("vllm-usual", .vllm, .vllm, ["modelId": "Qwen/Qwen3-0.6B"]),
        GoldenSpecification(
            "vllm-parallel",
            .vllm,
            .vllm,
            [
                "modelId": "meta-llama/Llama-3.3-70B-Instruct", "servedModelName": "llama",
                "revision": "main",
                "replicas": 2, "resources": ["gpu": 8, "cpu": "32", "memory": "512Gi"],
                "tensorParallelSize": 4, "pipelineParallelSize": 2, "contextLength": 131072,
                "enforceEager": false, "enablePrefixCaching": true, "enableChunkedPrefill": true,
                "gpuMemoryUtilization": 0.92, "maxNumSeqs": 256, "hfTokenSecret": "hf-token",
            ]
        ),
        GoldenSpecification(
            "vllm-place",
            .vllm,
            .vllm,
            [
                "modelId": "Qwen/Qwen3-8B", "trustRemoteCode": true,
                "image": "registry.local/vllm:v1@sha256:ab",
                "nodeSelector": ["pool": "gpu", "nvidia.com/gpu.product": "NVIDIA-H100"],
                "tolerations": [
                    ["key": "dedicated", "operator": "Equal", "value": "ml", "effect": "NoSchedule"]
                ],
                "modelCache": ["claimName": "models", "mountPath": "/models"],
                "env": ["VLLM_LOGGING_LEVEL": "DEBUG", "HF_HOME": "/elsewhere"],
                "podAnnotations": ["sidecar.istio.io/inject": "false"],
                "resources": ["gpu": 1, "gpuResource": "amd.com/gpu"],
            ]
        ),
        GoldenSpecification(
            "vllm-arguments",
            .vllm,
            .vllm,
            [
                "modelId": "Qwen/Qwen3-8B", "enableChunkedPrefill": false,
                "engineArgs": [
                    "max-num-batched-tokens": 8192, "enable-auto-tool-choice": true,
                    "disable-log-stats": false,
                    "tool-call-parser": "hermes", "swap-space": 4.5,
                    "compilation-config": ["level": 3, "cudagraph_capture_sizes": [1, 2]],
                    "allowed-origins": ["a", "b"],
                ],
                "engineExtraArgs": ["--seed", "7"],
            ]
        ),
        GoldenSpecification(
            "vllm-hostile",
            .vllm,
            .vllm,
            [
                "modelId": "Qwen/Qwen3-8B", "servedModelName": #"a"; rm -rf / #$(HF_TOKEN)"#,
                "hfTokenSecret": "hf-token",
                "engineArgs": ["tool-call-parser": "x: [y]\"'`id`$(id) $$HOME"],
                "engineExtraArgs": ["- a: b", "$(HF_TOKEN)"], "env": ["A": "line 1\nline 2: $(HF_TOKEN)"],
            ]
        ),
        GoldenSpecification(
            "vllm-on-node",
            .vllm,
            .vllm,
            ["modelId": "local/qwen", "modelPath": "/srv/models/qwen", "nodeSelector": ["disk": "models"]]
        ),
        GoldenSpecification("sglang-usual", .vllm, .sglang, ["modelId": "Qwen/Qwen3-0.6B"]),
        GoldenSpecification(
            "sglang-all",
            .vllm,
            .sglang,
            [
                "modelId": "deepseek-ai/DeepSeek-V3", "servedModelName": "deepseek", "revision": "v1",
                "resources": ["gpu": 8], "tensorParallelSize": 4, "pipelineParallelSize": 2,
                "contextLength": 65536, "enforceEager": false, "enablePrefixCaching": true,
                "enableChunkedPrefill": false, "gpuMemoryUtilization": 0.88, "maxNumSeqs": 128,
                "trustRemoteCode": true, "engineArgs": ["reasoning-parser": "deepseek-r1"],
            ]
        ),
        GoldenSpecification("trtllm-usual", .vllm, .tensorRTLLM, ["modelId": "Qwen/Qwen3-0.6B"]),
        GoldenSpecification(
            "trtllm-all",
            .vllm,
            .tensorRTLLM,
            [
                "modelId": "nvidia/Llama-3.3-70B-Instruct-FP8", "revision": "main", "resources": ["gpu": 4],
                "tensorParallelSize": 2, "pipelineParallelSize": 2, "contextLength": 32768,
                "enforceEager": false, "enablePrefixCaching": true, "enableChunkedPrefill": true,
                "gpuMemoryUtilization": 0.85, "maxNumSeqs": 64, "trustRemoteCode": true,
                "engineArgs": ["max_num_tokens": 16384],
            ]
        ),
    ]
}
