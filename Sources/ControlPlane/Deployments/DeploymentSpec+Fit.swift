import Capacity
import JSON
import Runtimes

extension DeploymentSpec {
    /// How the GPUs of a worker share the model: llama.cpp gives each of them some of the layers, other engines what they are told.
    func split(of group: WorkerGroup) -> (tensor: Int, pipeline: Int) {
        engine == .llamaCpp ? (1, max(1, group.gpus)) : parallelism(of: group)
    }

    /// The question of fit that a group of workers asks.
    func fitQuestion(_ group: WorkerGroup) -> FitQuestion {
        let (tensor, pipeline) = split(of: group)
        var question = FitQuestion(model: model.id)
        question.revision = model.revision
        question.file = model.file
        question.engine = engine.rawValue
        question.contextLength = contextLength
        question.maxSequences = maxSequences
        question.nodeSelector = nodeSelector.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            .joined(separator: ",")
        question.options = [
            "tensor_parallel": .integer(Int64(tensor)), "pipeline_parallel": .integer(Int64(pipeline)),
            "enforce_eager": .bool(isEager),
        ]
        question.options["memory_fraction"] = memoryFraction.map(JSONValue.number)
        return question
    }
}
