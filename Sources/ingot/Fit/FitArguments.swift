import ArgumentParser
import Capacity
import ControlPlane
import JSON

/// The arguments of `ingot fit` that are about the model, the GPUs, the engine and what is to be served.
struct FitArguments: ParsableArguments {
    @Argument(
        help:
            "A model of the Hugging Face Hub, such as Qwen/Qwen3-8B, the path of a GGUF file, or a file below the models' folder as local/file.gguf."
    )
    var model: String

    @Option(help: ArgumentHelp("Its branch, tag or commit (default: main).", valueName: "revision"))
    var revision: String?

    @Option(
        help: ArgumentHelp(
            "The GGUF file of the repository (default: that of Q4_K_M, else the smallest).",
            valueName: "path"
        )
    )
    var file: String?

    @Option(help: ArgumentHelp("The GPU: a node's label or a short name such as L40S.", valueName: "product"))
    var gpu: String?

    @Option(help: ArgumentHelp("How many of that GPU one machine has (default: 1).", valueName: "number"))
    var count: Int?

    @Flag(help: "Take the GPUs of the cluster that the configuration or the kubeconfig names.")
    var cluster = false

    @Option(
        help: ArgumentHelp(
            "Only nodes of the cluster with these labels, such as pool=gpu,zone=a.",
            valueName: "labels"
        )
    )
    var nodeSelector: String?

    @OptionGroup var serving: ServingArguments

    @Option(
        help: ArgumentHelp("The engine's version (default: the newest that is known).", valueName: "version")
    )
    var engineVersion: String?

    @Option(help: ArgumentHelp("Requests of that length at once (default: 1).", valueName: "number"))
    var concurrency: Int?

    @Option(help: ArgumentHelp("The most sequences in a batch.", valueName: "number"))
    var maxNumSeqs: Int?

    @Option(help: ArgumentHelp("The most tokens in a batch.", valueName: "number"))
    var maxNumBatchedTokens: Int?

    @Option(
        help: ArgumentHelp(
            "Weights quantised so, when they are not yet: fp8, int8, int4, nvfp4, bitsandbytes, or a GGUF mixture such as Q4_K_M.",
            valueName: "name"
        )
    )
    var quantization: String?

    @Option(
        help: ArgumentHelp("The dtype of keys and values, such as fp8 (default: auto).", valueName: "name")
    )
    var kvCacheDtype: String?

    @Option(
        help: ArgumentHelp("GPUs that share each layer (default: as many as it takes).", valueName: "number")
    )
    var tensorParallel: Int?

    @Option(help: ArgumentHelp("Stages that have some layers each.", valueName: "number"))
    var pipelineParallel: Int?

    @Flag(help: "Put whole experts on each GPU.")
    var expertParallel = false

    @Option(
        help: ArgumentHelp(
            "The part of a GPU's memory that the engine takes, 0.01 to 1 (default: the engine's).",
            valueName: "fraction"
        )
    )
    var memoryUtilization: Double?

    func validate() throws {
        if cluster, gpu != nil { throw ValidationError("--gpu and --cluster exclude each other") }
        if gpu == nil, count != nil { throw ValidationError("--count needs --gpu") }
        if !cluster, nodeSelector != nil { throw ValidationError("--node-selector needs --cluster") }
        if let gpu, FitDevice(named: gpu).product == nil {
            let near = GPUProduct.near(gpu).map(\.name)
            throw ValidationError(
                "--gpu: no product is called \(gpu.debugDescription)"
                    + (near.isEmpty ? "" : "; did you mean \(near.joined(separator: ", "))?")
            )
        }
        do throws(FitRequestFailure) {
            _ = try question.document()
        } catch {
            throw ValidationError(Self.message(error))
        }
    }

    /// The path of the GGUF file that is meant; nil for a model's name.
    var path: String? {
        guard model.lowercased().hasSuffix(".gguf"), !model.hasPrefix(LocalModel.idPrefix) else { return nil }
        // A name on the Hub has an owner and one slash; a file of that path goes before it.
        let isName =
            !["/", "./", "../"].contains(where: model.hasPrefix) && model.count(where: { $0 == "/" }) == 1
        return isName && LocalModels.beside(model) == nil ? nil : model
    }

    /// The same as a question to the service.
    var question: FitQuestion {
        var question = FitQuestion(model: model)
        question.revision = revision
        question.file = file
        question.product = gpu
        question.count = count
        question.nodeSelector = cluster ? nodeSelector ?? "" : nil
        question.engine = serving.engine
        question.engineVersion = engineVersion
        question.contextLength = serving.context
        question.concurrency = concurrency
        question.maxSequences = maxNumSeqs
        question.maxBatchedTokens = maxNumBatchedTokens
        question.options["quantization"] = quantization.map(JSONValue.string)
        question.options["kv_cache_dtype"] = kvCacheDtype.map(JSONValue.string)
        question.options["tensor_parallel"] = tensorParallel.map { .integer(Int64($0)) }
        question.options["pipeline_parallel"] = pipelineParallel.map { .integer(Int64($0)) }
        if expertParallel { question.options["expert_parallel"] = true }
        question.options["memory_fraction"] = memoryUtilization.map(JSONValue.number)
        return question
    }

    /// What is wrong, in the terms of the command line.
    static func message(_ failure: FitRequestFailure) -> String {
        guard let flag = flags[failure.path] else { return failure.description }
        return "\(flag) must be \(failure.expected)"
    }

    private static let flags = [
        "model": "MODEL", "model.id": "MODEL", "model.revision": "--revision", "model.file": "--file",
        "options.quantization": "--quantization",
        "devices[0].product": "--gpu", "devices[0].count": "--count", "nodes.selector": "--node-selector",
        "engine.name": "--engine", "engine.version": "--engine-version",
        "workload.max_model_len": "--context", "workload.concurrency": "--concurrency",
        "workload.max_num_seqs": "--max-num-seqs",
        "workload.max_num_batched_tokens": "--max-num-batched-tokens",
        "options.kv_cache_dtype": "--kv-cache-dtype", "options.tensor_parallel": "--tensor-parallel",
        "options.pipeline_parallel": "--pipeline-parallel", "options.memory_fraction": "--memory-utilization",
    ]
}
