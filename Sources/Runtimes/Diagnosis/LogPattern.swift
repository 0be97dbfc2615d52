/// What a line of a log has to contain to tell a cause.
struct LogPattern: Sendable {
    let code: DiagnosisCode
    /// All of these words, in any order.
    private let words: [LogText]

    private init(_ code: DiagnosisCode, _ words: [String]) {
        self.code = code
        self.words = words.map(LogText.init)
    }

    private static func any(of code: DiagnosisCode, _ lines: [String]...) -> [LogPattern] {
        lines.map { LogPattern(code, $0) }
    }

    /// Whether a line contains all of the words.
    func matches(_ line: LogText) -> Bool { words.allSatisfy(line.contains) }

    /// What engines and what they are built on say, the most telling first: of two causes in a log the earlier one here counts.
    static let all =
        sharedMemory + hub + code + context + cache + gpuMemory + split + architecture + files + gpus
        + arguments + hostMemory + disk + communication + ray
}

extension LogPattern {
    /// NCCL and PyTorch's data loader.
    private static let sharedMemory = any(
        of: .sharedMemoryTooSmall,
        ["/dev/shm", "no space left on device"],
        ["error while creating shared memory segment", "/dev/shm"],
        ["insufficient shared memory (shm)"],
        ["shared memory", "out of resource", "bus error"]
    )

    /// huggingface_hub (utils/_http.py), the Hub's own messages, transformers (utils/hub.py), and llama.cpp (common/download.cpp).
    private static let hub =
        any(
            of: .tokenInvalid,
            ["invalid user token"],
            ["invalid credentials in authorization header"],
            ["token", "is expired", "huggingface"],
            ["your current authentication token is invalid"]
        )
        + any(
            of: .gated,
            ["you are not in the authorized list"],
            ["is awaiting a review from the repo authors"],
            ["your request to access model", "has been rejected"],
            ["enable access to public gated repositories"]
        )
        + any(
            of: .tokenMissing,
            ["access to model", "is restricted", "please log in"],
            ["you must have access to it and be authenticated to access it"],
            ["invalid username or password", "huggingface"],
            ["localtokennotfounderror"]
        )
        + any(
            of: .gated,
            ["cannot access gated repo for url"],
            ["you are trying to access a gated repo"],
            ["gatedrepoerror"]
        )
        + any(
            of: .modelNotFound,
            ["repository not found for url"],
            ["revision not found for url"],
            ["is not a valid model identifier listed on"],
            ["repositorynotfounderror"],
            ["revisionnotfounderror"],
            ["is not a valid git identifier"],
            ["invalid repository id or local directory specified"],
            ["repo id must be in the form"],
            ["not found in repository", "gguf"],
            ["failed to open gguf file"],
            ["no such file or directory", ".gguf"],
            ["cannot find any model weights with"],
            ["entry not found for url", ".gguf"],
            ["the requested url returned error: 404"]
        )
        + any(
            of: .tokenMissing,
            ["the requested url returned error: 401"],
            ["401 client error", "huggingface.co"],
            ["failed to download", "huggingface.co", "status: 401"],
            ["error from hf api", "response code: 401"]
        )
        + any(
            of: .gated,
            ["the requested url returned error: 403"],
            ["403 client error", "huggingface.co"]
        )
        + any(
            of: .hubUnreachable,
            ["429 client error", "huggingface.co"],
            ["too many requests", "huggingface.co"],
            ["couldn't connect to", "huggingface.co"],
            ["could not resolve host", "huggingface.co"],
            ["failed to resolve", "huggingface.co"],
            ["max retries exceeded with url", "huggingface.co"],
            ["localentrynotfounderror"],
            ["offlinemodeisenabled"],
            ["cannot reach", "huggingface.co"]
        )

    /// transformers (dynamic_module_utils.py) and vLLM (vllm/transformers_utils/config.py).
    private static let code = any(
        of: .remoteCodeRequired,
        ["trust_remote_code=true", "to allow custom code to be run"],
        ["consider setting `trust_remote_code=true`"],
        ["contains custom code which must be executed to correctly load the model"]
    )

    /// vLLM (vllm/config/model.py, vllm/v1/core/kv_cache_utils.py), SGLang (srt/configs/model_config.py).
    private static let context = any(
        of: .contextTooLong,
        ["valueerror", "is greater than the derived"],
        ["value error", "is greater than the derived"],
        ["to serve at least one request with the model", "max seq len"],
        ["max seq len", "is larger than the maximum number of tokens that can be stored in kv cache"],
        ["kv cache is needed, which is larger than the available kv cache memory"]
    )

    /// vLLM (vllm/v1/core/kv_cache_utils.py), SGLang (srt/model_executor), llama.cpp (src/llama-kv-cache.cpp).
    private static let cache = any(
        of: .keyValueCacheTooSmall,
        ["no available memory for the cache blocks"],
        ["not enough memory. please try to increase --mem-fraction-static"],
        ["failed to allocate buffer for kv cache"],
        ["free gpu memory fraction", "not enough", "kv cache"]
    )

    /// PyTorch, vLLM (vllm/v1/worker), SGLang (srt/model_executor), TensorRT-LLM (pyexecutor/py_executor_creator.py), llama.cpp
    /// (ggml/src/ggml-cuda).
    private static let gpuMemory = any(
        of: .cudaOutOfMemory,
        ["cuda out of memory"],
        ["torch.outofmemoryerror"],
        ["hip out of memory"],
        ["cuda error: out of memory"],
        ["cudamalloc failed: out of memory"],
        ["cuda runtime error", "out of memory"],
        ["cublas_status_alloc_failed"],
        ["free memory on device", "is less than desired gpu memory utilization"],
        ["the memory capacity is unbalanced"],
        ["executor creation failed due to insufficient gpu memory"],
        ["unable to allocate cuda", "buffer"],
        ["failed to allocate cuda", "buffer"],
        ["erroroutofdevicememory"]
    )

    /// vLLM (vllm/config/model.py, vllm/distributed/utils.py), SGLang alike, TensorRT-LLM (tensorrt_llm/_torch/modules).
    private static let split = any(
        of: .tensorParallelNotDivisible,
        ["attention heads", "must be divisible by tensor parallel size"],
        ["assertionerror", "is not divisible by"],
        ["valueerror", "is not divisible by"],
        ["must be divisible by tp_size"],
        ["must be divisible by tensor_parallel_size"],
        ["assertionerror", "num_heads % tp_size"],
        ["assertionerror", "total_num_kv_heads"],
        ["assertionerror", "total_num_heads % tp_size"]
    )

    /// vLLM (model_executor/models/registry.py), transformers, SGLang (srt/models/registry.py), TensorRT-LLM
    /// (_torch/models/modeling_auto.py), llama.cpp (src/llama-model-loader.cpp).
    private static let architecture = any(
        of: .unsupportedArchitecture,
        ["model architectures", "are not supported for now"],
        ["model architectures", "failed to be inspected"],
        ["transformers does not recognize this architecture"],
        ["unsupported architectures"],
        ["unknown architecture for automodelforcausallm"],
        ["unknown model architecture"],
        ["has no sglang implementation"],
        ["has no vllm implementation and the transformers implementation is not compatible"],
        ["was supported in vllm until", "not supported anymore"]
    )

    /// safetensors, PyTorch and llama.cpp (ggml/src/gguf.cpp, src/llama-model-loader.cpp).
    private static let files = any(
        of: .modelCorrupt,
        ["safetensorerror"],
        ["error while deserializing header"],
        ["data is not within the file bounds"],
        ["invalid magic characters"],
        ["model is corrupted or incomplete"],
        ["pytorchstreamreader failed"],
        ["failed to read key-value pairs"],
        ["consistency check failed", "file should be of size"]
    )

    /// CUDA, the NVIDIA container toolkit, PyTorch, vLLM (vllm/platforms), llama.cpp (ggml/src/ggml-cuda).
    private static let gpus =
        any(
            of: .gpuFault,
            ["uncorrectable ecc error"],
            ["cuda error: unspecified launch failure"],
            ["cuda error: an illegal instruction was encountered"],
            ["gpu has fallen off the bus"],
            ["xid", "nvrm"],
            ["gpu is lost"],
            ["cuda error: device-side", "hardware"]
        )
        + any(
            of: .unsupportedGPU,
            ["is only supported on gpus with compute capability"],
            ["no kernel image is available for execution"],
            ["is not supported for the current gpu"],
            ["minimum capability", "current capability"],
            ["requires compute capability"],
            ["is not compatible with the current pytorch installation"],
            ["sm75 or higher"],
            ["sglang only supports sm75 and above"],
            ["not supported by this gpu"]
        )
        + any(
            of: .cudaDriver,
            ["the nvidia driver on your system is too old"],
            ["found no nvidia driver on your system"],
            ["cuda driver version is insufficient"],
            ["unsupported display driver / cuda driver combination"],
            ["nvidia-container-cli"],
            ["driver/library version mismatch"],
            ["system not yet initialized"],
            ["failed to infer device type"],
            ["no cuda-capable device is detected"],
            ["cuda-capable device(s) is/are busy or unavailable"],
            ["no cuda gpus are available"],
            ["libcuda.so", "cannot open shared object file"],
            ["the provided ptx was compiled with an unsupported toolchain"],
            ["forward compatibility was attempted on non supported hw"],
            ["nvml", "not found"],
            ["cuda initialization", "unknown error"],
            ["torch not compiled with cuda enabled"]
        )

    /// Python's argparse, click, pydantic, vLLM (vllm/config/parallel.py) and llama.cpp (common/arg.cpp).
    private static let arguments = any(
        of: .badArgument,
        ["error: unrecognized arguments:"],
        ["error: argument -"],
        ["error: ambiguous option:"],
        ["error: the following arguments are required"],
        ["error: no such option:"],
        ["no such option: -"],
        ["error: invalid argument:"],
        ["error: invalid value for"],
        ["error: unknown argument:"],
        ["error while handling argument"],
        ["expected value for argument"],
        ["got unexpected extra argument"],
        ["is larger than the number of available gpus"],
        ["cannot be larger than the number of available gpus"],
        ["world size", "is larger than", "gpus"],
        ["unknown quantization method"],
        ["invalid choice:"],
        ["does not match the quantization method specified"],
        ["validation error", "engineargs"],
        ["validation error for vllmconfig"],
        ["validation error for modelconfig"],
        ["unknown flag:"],
        ["flag provided but not defined"]
    )

    /// The C++ runtime, PyTorch, Ray (python/ray/_private/memory_monitor.py).
    private static let hostMemory = any(
        of: .hostOutOfMemory,
        ["std::bad_alloc"],
        ["cannot allocate memory"],
        ["defaultcpuallocator", "allocate memory"],
        ["memoryerror"],
        ["ray.exceptions.outofmemoryerror"],
        ["node running low on memory"],
        ["out of memory: killed process"],
        ["failed to allocate", "cpu buffer"]
    )

    private static let disk = any(
        of: .diskFull,
        ["no space left on device"],
        ["[errno 28]"],
        ["disk quota exceeded"],
        ["not enough free disk space to download"]
    )

    /// NCCL and torch.distributed.
    private static let communication = any(
        of: .collectiveCommunication,
        ["nccl error"],
        ["ncclunhandledcudaerror"],
        ["ncclsystemerror"],
        ["ncclinternalerror"],
        ["ncclremoteerror"],
        ["distnetworkerror"],
        ["watchdog caught collective operation timeout"],
        ["processgroupnccl", "timeout"],
        ["connect() timed out", "c10d"],
        ["the client socket has timed out"],
        ["torch.distributed.distbackenderror"],
        ["nixl_err"],
        ["failed to create nixl"]
    )

    /// Ray's autoscaler and Serve (python/ray/serve/_private/deployment_state.py).
    private static let ray = any(
        of: .insufficientGPU,
        ["no available node types can fulfill resource request", "gpu"],
        ["have taken more than", "to be scheduled", "gpu"],
        ["the current node has no gpu available"],
        ["cannot provide a placement group", "gpu"],
        ["placement group creation timed out"]
    )
}
