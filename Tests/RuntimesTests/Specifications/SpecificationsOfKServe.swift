import Capacity
import JSON
import Runtimes

extension GoldenSpecification {
    /// InferenceServices.
    static let ofKServe = [
        GoldenSpecification("usual", .kserve, .vllm, ["modelId": "Qwen/Qwen3-0.6B"]),
        GoldenSpecification(
            "scaled",
            .kserve,
            .vllm,
            [
                "modelId": "Qwen/Qwen3-8B", "replicas": 2, "minReplicas": 1, "maxReplicas": 4,
                "servedModelName": "qwen", "contextLength": 16384, "hfTokenSecret": "hf-token",
                "podAnnotations": ["sidecar.istio.io/inject": "false"],
            ]
        ),
        GoldenSpecification(
            "all",
            .kserve,
            .vllm,
            [
                "modelId": "meta-llama/Llama-3.3-70B-Instruct", "revision": "main", "replicas": 2,
                "resources": ["gpu": 4, "cpu": "16", "memory": "256Gi"], "tensorParallelSize": 4,
                "contextLength": 131072, "enforceEager": false, "enablePrefixCaching": true,
                "enableChunkedPrefill": true, "gpuMemoryUtilization": 0.9, "maxNumSeqs": 128,
                "trustRemoteCode": true, "image": "kserve/huggingfaceserver:v0.20.0-gpu",
                "nodeSelector": ["pool": "gpu"], "tolerations": [["key": "dedicated"]],
                "modelCache": ["claimName": "models"], "engineArgs": ["tool-call-parser": "$(HF_TOKEN)"],
                "env": ["KSERVE_OPENAI_ROUTE_PREFIX": "/openai"],
            ]
        ),
    ]
}
