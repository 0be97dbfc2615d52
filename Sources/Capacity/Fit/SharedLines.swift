/// What an attempt takes beside weights and cache, which is the same on every stage's GPUs.
struct SharedLines {
    let engine: any EngineBudget.Type
    /// An earlier start of the same.
    let measured: FitMeasurement?
    /// All lines that are not of one stage.
    private let runtime: [MemoryBudget.Line]
    private let others: [MemoryBudget.Line]
    /// The bytes of those lines.
    let bytes: Int64

    /// Whether the measurement stands for all that the engine takes beside the weights.
    var isOverheadMeasured: Bool { measured?.overheadBytes != nil }

    init(_ attempt: ServingAttempt, _ engine: any EngineBudget.Type, _ measured: FitMeasurement?) {
        self.engine = engine
        self.measured = measured
        var others: [MemoryBudget.Line] = []
        if let overhead = measured?.overheadBytes {
            runtime = [.init(code: .runtime, bytes: overhead, note: "measured at an earlier start")]
        } else {
            runtime = engine.lines(attempt)
            if attempt.device.isUnifiedMemory {
                others.append(.init(.system, gibibytes: 2, "the machine's own share of its memory"))
            }
        }
        let options = attempt.request.options
        if options.usedBytes > 0 {
            others.append(.init(code: .others, bytes: options.usedBytes, note: "other tenants of the GPU"))
        }
        if options.adapterBytes > 0 {
            others.append(.init(code: .adapters, bytes: options.adapterBytes, note: "LoRA adapters"))
        }
        self.others = others
        bytes = (runtime + others).reduce(0) { $0.addingSaturated($1.bytes) }
    }

    /// The lines of a stage, the weights' first.
    func all(_ attempt: ServingAttempt, _ stage: FitAssessment.StageReckoning) -> [MemoryBudget.Line] {
        let format = attempt.profile.ggufFormat ?? attempt.profile.quantization?.format.name ?? "16-bit"
        let weights = MemoryBudget.Line(
            code: .weights,
            bytes: stage.weights,
            note: measured == nil ? format : "measured at an earlier start"
        )
        return [weights] + runtime + (stage.states.map { [$0] } ?? []) + others
    }
}
