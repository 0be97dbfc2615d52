import Capacity
import JSON
import Runtimes

extension GoldenSpecification {
    /// Workspaces.
    static let ofKaito = [
        GoldenSpecification("premade", .kaito, .llamaCpp, ["premadeModel": "llama3.2:1b"]),
        GoldenSpecification(
            "premade-gpu",
            .kaito,
            .llamaCpp,
            [
                "modelSource": "premade", "premadeModel": "gpt-oss:20b", "computeType": "gpu", "replicas": 3,
                "resources": ["memory": "32Gi"], "hfTokenSecret": "hf-token",
            ]
        ),
        GoldenSpecification(
            "file",
            .kaito,
            .llamaCpp,
            [
                "modelId": "bartowski/Llama-3.2-1B-Instruct-GGUF",
                "ggufFile": "Llama-3.2-1B-Instruct-Q4_K_M.gguf",
            ]
        ),
        GoldenSpecification(
            "file-token",
            .kaito,
            .llamaCpp,
            [
                "modelId": "google/gemma-3-1b-it-qat-q4_0-gguf", "ggufFile": "gemma-3-1b-it-q4_0.gguf",
                "revision": "main", "hfTokenSecret": "hf-token", "contextLength": 8192,
                "resources": ["gpu": 1], "computeType": "gpu", "engineArgs": ["threads": 8],
                "labelSelector": ["pool": "t4"],
            ]
        ),
        GoldenSpecification(
            "file-cache",
            .kaito,
            .llamaCpp,
            [
                "modelId": "google/gemma-3-1b-it-qat-q4_0-gguf", "ggufFile": "gemma-3-1b-it-q4_0.gguf",
                "hfTokenSecret": "hf-token", "modelCache": ["claimName": "models"],
            ]
        ),
        GoldenSpecification(
            "file-built",
            .kaito,
            .llamaCpp,
            [
                "modelId": "TheBloke/Llama-2-7B-Chat-GGUF", "ggufFile": "llama-2-7b-chat.Q4_K_M.gguf",
                "ggufRunMode": "build", "resources": ["cpu": "4", "memory": "8Gi"],
            ]
        ),
        GoldenSpecification(
            "vllm",
            .kaito,
            .vllm,
            ["modelId": "Qwen/Qwen3-0.6B", "hfTokenSecret": "hf-token"]
        ),
        GoldenSpecification(
            "vllm-all",
            .kaito,
            .vllm,
            [
                "modelSource": "vllm", "modelId": "meta-llama/Llama-3.3-70B-Instruct", "replicas": 2,
                "resources": ["gpu": 4, "cpu": "16", "memory": "256Gi"], "tensorParallelSize": 4,
                "maxModelLen": 131072, "servedModelName": "llama", "trustRemoteCode": true,
                "gpuMemoryUtilization": 0.9, "image": "vllm/vllm-openai:v0.33.0",
                "labelSelector": ["nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3"],
                "nodeSelector": ["pool": "gpu"], "tolerations": [["key": "dedicated"]],
                "modelCache": ["claimName": "models"], "env": ["VLLM_LOGGING_LEVEL": "DEBUG"],
                "podAnnotations": ["a.example/b": "c"],
            ]
        ),
    ]
}
