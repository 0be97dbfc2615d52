/// What brings a model to serving in a cluster: an operator, or Kubernetes alone.
public enum RuntimeID: String, Sendable, Hashable, CaseIterable {
    /// NVIDIA Dynamo.
    case dynamo
    /// Ray Serve through KubeRay.
    case kuberay
    /// KAITO.
    case kaito
    /// KServe.
    case kserve
    /// vLLM, SGLang or TensorRT-LLM in a plain Deployment.
    case vllm
    /// llama.cpp in a plain Deployment.
    case llamacpp
}

/// Whether one group of workers does all of a request, or one the prompt and another the answer.
public enum ServingMode: String, Sendable, Hashable, CaseIterable {
    /// Every worker does whole requests.
    case aggregated
    /// Some workers read prompts (prefill), others write answers (decode).
    case disaggregated
}

/// How requests are given to workers.
public enum RouterMode: String, Sendable, Hashable, CaseIterable {
    /// As the runtime does by itself.
    case none
    /// To the worker that has most of the prompt in its KV cache.
    case keyValueAware = "kv"
    /// To one after the other.
    case roundRobin = "round-robin"
}
