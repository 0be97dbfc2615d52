import Capacity
import JSON
import Runtimes

extension GoldenSpecification {
    /// llama.cpp's server in plain Deployments.
    static let ofLlamaCpp = [
        GoldenSpecification(
            "usual",
            .llamacpp,
            .llamaCpp,
            [
                "modelId": "bartowski/SmolLM2-135M-Instruct-GGUF",
                "ggufFile": "SmolLM2-135M-Instruct-Q4_K_M.gguf",
            ]
        ),
        GoldenSpecification(
            "gpu",
            .llamacpp,
            .llamaCpp,
            [
                "modelId": "unsloth/Qwen3-32B-GGUF", "servedModelName": "qwen3", "resources": ["gpu": 2],
                "contextLength": 8192, "maxNumSeqs": 4, "enablePrefixCaching": true,
                "hfTokenSecret": "hf-token", "engineArgs": ["flash-attn": "on"],
            ]
        ),
        GoldenSpecification(
            "this-machine",
            .llamacpp,
            .llamaCpp,
            [
                "modelId": "local/smollm2", "modelPath": "/srv/models/SmolLM2-135M-Instruct-Q4_K_M.gguf",
                "servedModelName": "smollm2", "contextLength": 2048,
                "resources": ["gpu": 0, "cpu": "500m", "memory": "512Mi"],
            ]
        ),
        GoldenSpecification(
            "other-node",
            .llamacpp,
            .llamaCpp,
            [
                "modelId": "local/smollm2", "modelPath": "/models/smollm2.gguf",
                "nodeSelector": ["kubernetes.io/hostname": "node-7"],
                "modelCache": ["claimName": "models", "mountPath": "/models"], "replicas": 3,
            ]
        ),
    ]
}
