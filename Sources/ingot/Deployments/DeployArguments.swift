import ArgumentParser
import JSON

/// The arguments of `ingot deploy` that are about what is to be deployed.
struct DeployArguments: ParsableArguments {
    @Argument(
        help:
            "A model of the Hugging Face Hub, such as Qwen/Qwen3-0.6B, or a file of the server's models' folder as local/file.gguf."
    )
    var model: String

    @Option(help: ArgumentHelp("The deployment's name (default: made of the model's).", valueName: "name"))
    var name: String?

    @Option(help: ArgumentHelp("The namespace (default: the server's).", valueName: "name"))
    var namespace: String?

    @Option(
        help: ArgumentHelp(
            "The runtime: dynamo, kuberay, kaito, kserve, vllm or llamacpp (default: the best that is installed).",
            valueName: "name"
        )
    )
    var provider: String?

    @OptionGroup var serving: ServingArguments

    @Option(help: ArgumentHelp("GPUs of each worker.", valueName: "number"))
    var gpus: Int?

    @Option(help: ArgumentHelp("Workers (default: 1).", valueName: "number"))
    var replicas: Int?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Any other field of POST /api/deployments, such as enforceEager=false or env='{\"A\":\"b\"}'; what is not JSON is a text. May be repeated.",
            valueName: "field=json"
        )
    )
    var fields: [String] = []

    func validate() throws {
        for field in fields where Self.member(field) == nil {
            throw ValidationError("--set \(field.debugDescription): expected field=json")
        }
        guard !(name ?? Self.name(of: model)).isEmpty else {
            throw ValidationError("no name can be made of \(model.debugDescription): give one with --name")
        }
    }

    /// The body of the request.
    var body: JSONValue {
        var body: JSONValue = [
            "name": .string(name ?? Self.name(of: model)), "modelId": .string(model),
        ]
        body["namespace"] = namespace.map(JSONValue.string)
        body["provider"] = provider.map(JSONValue.string)
        body["engine"] = serving.engine.map(JSONValue.string)
        body["replicas"] = replicas.map { .integer(Int64($0)) }
        body["contextLength"] = serving.context.map { .integer(Int64($0)) }
        if let gpus { body["resources"] = ["gpu": .integer(Int64(gpus))] }
        for (field, value) in fields.compactMap(Self.member) { body = body.merged(with: [field: value]) }
        return body
    }

    private static func member(_ text: String) -> (String, JSONValue)? {
        guard let sign = text.firstIndex(of: "="), sign != text.startIndex else { return nil }
        let value = String(text[text.index(after: sign)...])
        return (String(text[..<sign]), (try? JSONValue(parsing: value)) ?? .string(value))
    }

    /// A deployment's name made of the last part of a model's: lowercase letters, digits, and hyphens between them.
    static func name(of model: String) -> String {
        var last = model.split(separator: "/").last.map { $0.lowercased() } ?? ""
        if last.hasSuffix(".gguf") { last.removeLast(5) }
        let words = last.split { !("a"..."z").contains($0) && !("0"..."9").contains($0) }
        var name = words.joined(separator: "-")
        // Short enough for what runtimes put behind it in the names of their objects.
        name = String(name.prefix(40))
        while name.hasSuffix("-") { name.removeLast() }
        return name
    }
}
