/// Options of engines that a specification has fields for.
enum EngineOption {
    /// The fields, by the options' names with hyphens. Engine arguments must not set these: what they would say contradicts what
    /// the rest of the deployment is made from, such as its probes, its service and its GPUs.
    static let fields: [String: String] = [
        "model": "modelId", "model-path": "modelId", "m": "modelId", "hf-repo": "modelId",
        "hf-file": "ggufFile", "alias": "servedModelName", "a": "servedModelName",
        "served-model-name": "servedModelName", "revision": "revision",
        "tensor-parallel-size": "tensorParallelSize", "tp": "tensorParallelSize",
        "tp-size": "tensorParallelSize", "pipeline-parallel-size": "pipelineParallelSize",
        "pp": "pipelineParallelSize", "pp-size": "pipelineParallelSize",
        "max-model-len": "contextLength", "context-length": "contextLength", "max-seq-len": "contextLength",
        "ctx-size": "contextLength", "c": "contextLength", "trust-remote-code": "trustRemoteCode",
        "enforce-eager": "enforceEager", "disable-cuda-graph": "enforceEager",
        "enable-prefix-caching": "enablePrefixCaching", "no-enable-prefix-caching": "enablePrefixCaching",
        "disable-radix-cache": "enablePrefixCaching", "disaggregation-mode": "mode",
        "gpu-memory-utilization": "gpuMemoryUtilization", "mem-fraction-static": "gpuMemoryUtilization",
        "kv-cache-free-gpu-memory-fraction": "gpuMemoryUtilization", "max-num-seqs": "maxNumSeqs",
        "max-running-requests": "maxNumSeqs", "max-batch-size": "maxNumSeqs", "parallel": "maxNumSeqs",
        "free-gpu-memory-fraction": "gpuMemoryUtilization", "np": "maxNumSeqs", "hf": "modelId",
        "hfr": "modelId", "hff": "ggufFile", "model-id": "modelId", "model-name": "servedModelName",
        "model-revision": "revision", "cache-prompt": "enablePrefixCaching",
        "no-cache-prompt": "enablePrefixCaching", "enable-chunked-prefill": "enableChunkedPrefill",
        "no-enable-chunked-prefill": "enableChunkedPrefill", "no-enforce-eager": "enforceEager",
        "http-port": "nothing (the engine listens where its probes and its service ask it)",
        "host": "nothing (the engine listens where its probes and its service ask it)",
        "port": "nothing (the engine listens where its probes and its service ask it)",
    ]
}
