import ArgumentParser

/// The options that commands about serving a model have in common.
struct ServingArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "vllm, sglang, trtllm or llamacpp (default: llamacpp for GGUF files, else vllm).",
            valueName: "name"
        )
    )
    var engine: String?

    @Option(help: ArgumentHelp("The longest context (default: the model's own).", valueName: "tokens"))
    var context: Int?
}
