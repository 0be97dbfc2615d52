/// What only KubeRay knows.
public struct RayOptions: Sendable, Hashable {
    /// The kind of accelerator that Ray looks for, such as `A100-40G`; nil for any.
    public var acceleratorType: String?
    /// Processors of the head.
    public var headCPU = "4"
    /// Memory of the head.
    public var headMemory = "32Gi"
    /// The KV connector of the disaggregated mode.
    public var connector = Connector.nixl

    /// What carries KV blocks from prefill to decode workers.
    public enum Connector: String, Sendable, Hashable, CaseIterable {
        /// NVIDIA's NIXL.
        case nixl = "NixlConnector"
        /// vLLM's own.
        case simple = "SimpleConnector"
    }

    /// Everything as Ray has it.
    public init() {}
}

/// What only KAITO knows.
public struct KaitoOptions: Sendable, Hashable {
    /// Where the model comes from; nil where another runtime serves it.
    public var source: Source?
    /// The model in a prebuilt image, such as `llama3.2:1b`.
    public var premade: String?
    /// How a GGUF file is run.
    public var run = GGUFRun.direct
    /// What computes.
    public var compute = Compute.cpu
    /// The labels of the nodes that the workspace takes; empty for the usual ones.
    public var labelSelector: [String: String] = [:]

    /// Where a model comes from.
    public enum Source: String, Sendable, Hashable, CaseIterable {
        /// An image has it.
        case premade
        /// A GGUF file on the Hub.
        case huggingFace = "huggingface"
        /// A repository on the Hub, served by vLLM.
        case vllm
    }

    /// How a GGUF file is run.
    public enum GGUFRun: String, Sendable, Hashable, CaseIterable {
        /// From an image that was built of it.
        case build
        /// Loaded when the container starts.
        case direct
    }

    /// What computes.
    public enum Compute: String, Sendable, Hashable, CaseIterable {
        /// Processors.
        case cpu
        /// GPUs.
        case gpu
    }

    /// Everything as KAITO has it.
    public init() {}
}
