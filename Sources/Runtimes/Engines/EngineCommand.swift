import Capacity
import JSON

/// Writes the words of an engine's command line. Each word is one argument of the process: no shell sees them.
struct CommandWords {
    private(set) var words: [String]

    init(_ words: [String] = []) {
        self.words = words
    }

    /// Adds an option with its value, if there is one.
    mutating func add(_ option: String, _ value: String?) {
        if let value { words += [option, value] }
    }

    /// Adds an option with a number, if there is one.
    mutating func add(_ option: String, _ value: Int?) {
        add(option, value.map(String.init))
    }

    /// Adds an option with a number, if there is one.
    mutating func add(_ option: String, _ value: Double?) {
        add(option, value.map { $0 == $0.rounded() ? String(Int64($0)) : "\($0)" })
    }

    /// Adds an option without a value where it is wished for.
    mutating func add(_ option: String, if isWished: Bool) {
        if isWished { words.append(option) }
    }

    /// Adds the engine arguments of a deployment: `true` is an option without a value, `false` none, an array an option with several
    /// values, an object its JSON.
    mutating func add(_ arguments: JSONMembers) {
        for argument in arguments {
            let option = (argument.key.utf8.count == 1 ? "-" : "--") + argument.key
            switch argument.value {
            case .bool(true): words.append(option)
            case .bool(false), .null: continue
            case .array(let values): words += [option] + values.map(Self.text)
            default: words += [option, Self.text(argument.value)]
            }
        }
    }

    /// A value as one word.
    static func text(_ value: JSONValue) -> String {
        value.stringValue ?? value.description
    }
}

/// How one engine is told what to serve.
protocol EngineCommand {
    /// The options of its server, without the program itself, the model, and the address that it listens on.
    static func options(_ spec: DeploymentSpec, _ group: WorkerGroup) -> [String]
    /// The fields of a specification that it has no option for and that somebody has to know of. A field that is as usual, such as
    /// `enforceEager`, and that has no meaning for the engine is not among them.
    static func problems(of spec: DeploymentSpec) -> [JSONFieldProblem]
}

extension EngineCommand {
    /// Most have an option for every field.
    static func problems(of spec: DeploymentSpec) -> [JSONFieldProblem] { [] }
}

extension InferenceEngine {
    /// How it is told what to serve.
    var command: any EngineCommand.Type {
        switch self {
        case .vllm: VLLMCommand.self
        case .sglang: SGLangCommand.self
        case .tensorRTLLM: TensorRTLLMCommand.self
        case .llamaCpp: LlamaCppCommand.self
        }
    }
}
