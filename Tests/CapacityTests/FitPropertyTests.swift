import Capacity
import JSON
import Testing

/// What holds for every model, tried on listed ones and on random small ones. The seed is fixed, so a failure comes again.
@Suite("Properties of fits")
struct FitPropertyTests {
    /// SplitMix64.
    struct Random: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    static let models = [
        "meta-llama/Llama-3.1-8B-Instruct", "meta-llama/Llama-3.3-70B-Instruct", "deepseek-ai/DeepSeek-V3",
        "openai/gpt-oss-120b",
        "google/gemma-3-27b-it", "Qwen/Qwen3.5-35B-A3B", "nvidia/NVIDIA-Nemotron-Nano-9B-v2",
        "Qwen/Qwen3-30B-A3B-FP8",
        "deepseek-ai/DeepSeek-V3.2", "mistralai/Mistral-7B-Instruct-v0.1", "Qwen/Qwen2.5-32B-Instruct-AWQ",
    ]

    /// A small model of random shape.
    static func randomModel(_ random: inout Random) throws -> ModelProfile {
        let heads = [4, 8, 12, 14, 16, 24, 28, 32, 40, 71].randomElement(using: &random) ?? 8
        let divisors = (1...heads).filter { heads % $0 == 0 }
        let keyValueHeads = divisors.randomElement(using: &random) ?? 1
        var changes: [String: JSONValue] = [
            "hidden_size": .integer(Int64(heads * 64)), "num_attention_heads": .integer(Int64(heads)),
            "num_key_value_heads": .integer(Int64(keyValueHeads)),
            "num_hidden_layers": .integer(Int64.random(in: 1...48, using: &random)),
            "intermediate_size": .integer(128 * Int64.random(in: 8...160, using: &random)),
            "vocab_size": .integer(Int64.random(in: 1000...260_000, using: &random)),
            "tie_word_embeddings": .bool(Bool.random(using: &random)),
        ]
        if Bool.random(using: &random) {
            changes["architectures"] = ["GptOssForCausalLM"]
            changes["model_type"] = "gpt_oss"
            changes["sliding_window"] = 128
        } else if Bool.random(using: &random) {
            changes["architectures"] = ["Qwen3MoeForCausalLM"]
            changes["model_type"] = "qwen3_moe"
            changes["num_experts"] = .integer(Int64.random(in: 4...64, using: &random))
            changes["num_experts_per_tok"] = 4
            changes["moe_intermediate_size"] = 768
        }
        return try ModelProfile(ModelEvidence(configuration: FitFixture.configuration(changes)))
    }

    /// A request whose batches and fraction do not depend on the card, as an engine's defaults do.
    static func request(_ gibibytes: Double, count: Int = 1, context: Int, engine: InferenceEngine = .vllm)
        -> FitRequest
    {
        let device = FitDevice(
            product: nil,
            name: "card",
            count: count,
            visibleBytes: ByteCount.gibibytes(gibibytes)
        )
        var request = FitRequest(model: "m", devices: [device])
        request.engine = engine
        request.workload.contextLength = context
        request.workload.maxSequences = 64
        request.workload.maxBatchedTokens = 2048
        request.options.memoryFraction = 0.9
        if engine == .llamaCpp { request.options.quantization = "Q4_K_M" }
        return request
    }

    static func sampled() throws -> [ModelProfile] {
        var random = Random(state: 7)
        return try models.map { try FitFixture.profile($0) } + (0..<60).map { _ in try randomModel(&random) }
    }

    @Test(
        "More memory never turns a fit into none",
        arguments: InferenceEngine.allCases
    )
    func memory(engine: InferenceEngine) throws {
        for profile in try Self.sampled() {
            var fitted = false
            var headroom = Int64.min
            for gibibytes in stride(from: 1.0, through: 240, by: 3.5) {
                let report = Fit.evaluate(profile, Self.request(gibibytes, context: 4096, engine: engine))
                let fits = report.best?.fits ?? false
                #expect(fits || !fitted, "\(profile.architecture) at \(gibibytes)")
                fitted = fits
                if let best = report.best {
                    #expect(best.budget.headroom >= headroom)
                    headroom = best.budget.headroom
                }
            }
        }
    }

    @Test(
        "With an engine's own defaults, which grow with the card, more memory never turns a fit into does_not_fit"
    )
    func memoryWithDefaults() throws {
        for profile in try Self.sampled() {
            var fitted = false
            for gibibytes in stride(from: 4.0, through: 240, by: 4) {
                let device = FitDevice(
                    product: nil,
                    name: "card",
                    visibleBytes: ByteCount.gibibytes(gibibytes)
                )
                var request = FitRequest(model: "m", devices: [device])
                request.workload.contextLength = 4096
                let verdict = Fit.evaluate(profile, request).verdict
                if fitted {
                    #expect(
                        verdict == .fits || verdict == .fitsWithChanges,
                        "\(profile.architecture) at \(gibibytes)"
                    )
                }
                fitted = fitted || verdict == .fits
            }
        }
    }

    @Test("A longer context never fits better", arguments: InferenceEngine.allCases)
    func context(engine: InferenceEngine) throws {
        for profile in try Self.sampled() {
            for gibibytes in [8.0, 24, 80, 180] {
                var fitted = true
                var concurrency = Double.infinity
                for length in [16, 256, 1000, 4096, 16_384, 60_000, 131_072, 1_000_000] {
                    let best = Fit.evaluate(profile, Self.request(gibibytes, context: length, engine: engine))
                        .best
                    guard let best else { continue }
                    #expect(fitted || !best.fits, "\(profile.architecture) at \(length) on \(gibibytes)")
                    #expect(best.cache.concurrency <= concurrency)
                    fitted = best.fits
                    concurrency = best.cache.concurrency
                }
            }
        }
    }

    @Test("The largest context fits, and one block more does not")
    func largestContext() throws {
        for profile in try Self.sampled() {
            let asked = Self.request(40, context: 1_000_000)
            guard let best = Fit.evaluate(profile, asked).best, !best.fits, best.cache.largestContext > 0
            else { continue }
            var request = asked
            request.workload.contextLength = best.cache.largestContext
            #expect(Fit.evaluate(profile, request).best?.fits == true)
            request.workload.contextLength = best.cache.largestContext + 1
            #expect(Fit.evaluate(profile, request).best?.fits == false)
        }
    }

    @Test("No spread breaks the rules of division")
    func division() throws {
        for profile in try Self.sampled() {
            for count in 1...16 {
                for spread in Fit.allowed(profile, gpus: count) {
                    #expect(spread.gpus == count)
                    #expect(profile.attentionHeads % spread.tensor == 0)
                    let heads = profile.keyValueHeads
                    #expect(heads % spread.tensor == 0 || spread.tensor % heads == 0)
                    #expect(spread.pipeline <= profile.layers.count)
                }
            }
            var request = Self.request(80, count: 16, context: 2048)
            request.candidateLimit = 64
            for candidate in Fit.evaluate(profile, request).candidates {
                #expect(
                    Fit.allowed(profile, gpus: candidate.parallelism.gpus).contains(candidate.parallelism)
                )
            }
        }
    }

    @Test(
        "Heads, KV heads and quantisation groups decide: Phi-4 takes 1, 2, 5 and 10 ranks, Falcon-7B one",
        arguments: [
            ("microsoft/phi-4", [1, 2, 5, 10]), ("Qwen/Qwen2.5-7B-Instruct", [1, 2, 4]),
            ("Qwen/Qwen2.5-14B-Instruct", [1, 2, 4, 8]), ("tiiuae/falcon-7b-instruct", [1]),
            // 29,568 is 231 groups of 128, and 768 is 6 of them.
            ("Qwen/Qwen2.5-72B-Instruct-AWQ", [1]), ("Qwen/Qwen3-30B-A3B-FP8", [1, 2]),
        ]
    )
    func ranks(id: String, allowed: [Int]) throws {
        let profile = try FitFixture.profile(id)
        let found = (1...16).filter { Fit.allowed(profile, gpus: $0).contains(Parallelism(tensor: $0)) }
        #expect(found == allowed)
    }

    @Test("Each proposed change makes it fit", arguments: [1, 3])
    func changes(concurrency: Int) throws {
        for profile in try Self.sampled() {
            var asked = Self.request(24, count: 2, context: 131_072)
            asked.workload.concurrency = concurrency
            let report = Fit.evaluate(profile, asked)
            for change in report.changes {
                var request = asked
                switch change {
                case .batch(let sequences, let tokens):
                    request.workload.maxSequences = sequences
                    request.workload.maxBatchedTokens = tokens
                case .keyValueDtype(let name): request.options.keyValueDtype = name
                case .contextLength(let length): request.workload.contextLength = length
                case .concurrency(let count): request.workload.concurrency = count
                case .memoryFraction(let fraction): request.options.memoryFraction = fraction
                case .quantization(let name): request.options.quantization = name
                case .gpus(let count): request.devices[0].count = count
                case .tensorParallel(let ranks): request.options.tensorParallel = ranks
                case .engineVersion(let version): request.engineVersion = version
                case .expertParallel: request.options.expertParallel = true
                }
                #expect(Fit.evaluate(profile, request).verdict == .fits, "\(profile.architecture): \(change)")
            }
        }
    }

    @Test("Candidates have fewest GPUs first, then most headroom; the same request has the same report")
    func order() throws {
        for profile in try Self.sampled() {
            let request = Self.request(80, count: 8, context: 8192)
            let report = Fit.evaluate(profile, request)
            #expect(report == Fit.evaluate(profile, request))
            for (left, right) in zip(report.candidates, report.candidates.dropFirst()) {
                #expect(left.parallelism.gpus <= right.parallelism.gpus)
                if left.parallelism.gpus == right.parallelism.gpus {
                    #expect(left.budget.headroom >= right.budget.headroom)
                }
            }
            for candidate in report.candidates {
                let budget = candidate.budget
                let lines = budget.lines.reduce(Int64(0)) { $0 + $1.bytes }
                #expect(budget.cache == budget.budget - lines)
                #expect(budget.lowCache <= budget.cache)
                #expect(budget.cache <= budget.highCache)
            }
        }
    }
}
