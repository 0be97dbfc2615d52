import Capacity
import JSON

/// How Dynamo's workers are told what to serve (components/src/dynamo/{vllm,sglang,trtllm} of Dynamo 1.3): each takes its engine's
/// options and some of Dynamo's own.
enum DynamoWorkerCommand {
    /// The program and its arguments.
    static func words(
        _ spec: DeploymentSpec,
        _ group: WorkerGroup
    ) -> (command: [String], arguments: [String]) {
        var spec = spec
        // A router that knows what prompts workers keep needs workers that keep them.
        if spec.router == .keyValueAware { spec.cachesPrefixes = true }
        let model = spec.model.path ?? spec.model.id
        var own = CommandWords()
        own.add("--disaggregation-mode", group.role == .whole ? nil : group.role.rawValue)
        switch spec.engine {
        case .sglang:
            return (
                ["python3", "-m", "dynamo.sglang"],
                ["--model-path", model] + own.words + sglang(spec, group)
                    + SGLangCommand.options(spec, group)
            )
        case .tensorRTLLM:
            return (
                ["python3", "-m", "dynamo.trtllm"],
                ["--model-path", model] + own.words + DynamoTensorRTLLMCommand.options(spec, group)
            )
        case .vllm, .llamaCpp:
            return (
                ["python3", "-m", "dynamo.vllm"],
                ["--model", model] + own.words + vllm(spec, group) + VLLMCommand.options(spec, group)
            )
        }
    }

    /// Whether an engine argument says something already that Dynamo would be told by default.
    private static func says(_ spec: DeploymentSpec, _ option: String) -> Bool {
        spec.engineArguments.contains { $0.key.replacing("_", with: "-") == option }
    }

    private static func events(port: Int, _ more: JSONValue = [:]) -> String {
        var events: JSONValue = [
            "publisher": "zmq", "topic": "kv-events", "endpoint": .string("tcp://*:\(port)"),
        ]
        for member in more.objectValue ?? JSONMembers() { events[member.key] = member.value }
        return events.description
    }

    private static func vllm(_ spec: DeploymentSpec, _ group: WorkerGroup) -> [String] {
        var command = CommandWords()
        if group.role != .whole, !says(spec, "kv-transfer-config") {
            let transfer: JSONValue = ["kv_connector": "NixlConnector", "kv_role": "kv_both"]
            command.add("--kv-transfer-config", transfer.description)
        }
        if spec.router == .keyValueAware, !says(spec, "kv-events-config") {
            command.add("--kv-events-config", events(port: 20080, ["enable_kv_cache_events": true]))
        }
        return command.words
    }

    private static func sglang(_ spec: DeploymentSpec, _ group: WorkerGroup) -> [String] {
        var command = CommandWords()
        if group.role != .whole {
            if !says(spec, "disaggregation-transfer-backend") {
                command.add("--disaggregation-transfer-backend", "nixl")
            }
            if !says(spec, "disaggregation-bootstrap-port") {
                command.add("--disaggregation-bootstrap-port", 12345)
            }
            // Decode workers ask prefill workers at their pods' addresses.
            command.add("--host", "0.0.0.0")
        }
        // The router counts in blocks, and both sides of a transfer must have blocks of the same size.
        if group.role != .whole || spec.router == .keyValueAware, !says(spec, "page-size") {
            command.add("--page-size", 16)
        }
        if spec.router == .keyValueAware, !says(spec, "kv-events-config") {
            command.add("--kv-events-config", events(port: 5557))
        }
        return command.words
    }

    /// What of a specification the workers cannot be told.
    static func problems(of spec: DeploymentSpec) -> [JSONFieldProblem] {
        guard spec.engine == .tensorRTLLM else { return [] }
        var problems: [JSONFieldProblem] = []
        if spec.model.revision != nil {
            problems.append(JSONFieldProblem("revision", "cannot be chosen with dynamo and trtllm"))
        }
        for argument in spec.engineArguments
        where argument.key.replacing("_", with: "-") == DynamoTensorRTLLMCommand.overrides {
            if argument.value.objectValue == nil {
                problems.append(JSONFieldProblem("engineArgs.\(argument.key)", "must be an object"))
            }
        }
        return problems
    }
}
