import Capacity
import JSON
import Testing

/// What estimators of memory are known to get wrong, each a test.
@Suite("Pitfalls of memory estimates")
struct FitPitfallTests {
    private func bytesPerToken(_ profile: ModelProfile, tensor: Int) throws -> Double {
        let request = FitFixture.request("H200", tensor: tensor, context: 4096)
        return try #require(Fit.evaluate(profile, request).best).cache.bytesPerToken
    }

    @Test("1. The cache of latent attention is not divided by tensor parallelism")
    func latentIsNotDivided() throws {
        let profile = try FitFixture.profile("deepseek-ai/DeepSeek-V3")
        for ranks in [1, 2, 4, 8] {
            // 61 layers × (512 + 64) × 2 B, measured as 70,271.
            #expect(try bytesPerToken(profile, tensor: ranks) == 70_272)
        }
    }

    @Test("1. Grouped queries stop shrinking the cache at one KV head for each rank")
    func groupedQueriesStop() throws {
        let profile = try FitFixture.profile(
            "Qwen/Qwen2.5-7B-Instruct",
            changing: ["num_attention_heads": 32, "head_dim": 128]
        )
        #expect(try bytesPerToken(profile, tensor: 4) == bytesPerToken(profile, tensor: 1) / 4)
        #expect(try bytesPerToken(profile, tensor: 8) == bytesPerToken(profile, tensor: 4))
    }

    @Test("2. The head size of the configuration goes before the width divided by the heads")
    func headSizeFirst() throws {
        // Mistral-Nemo: 32 heads of 128 in a stream of 5,120, not of 160.
        let nemo = try FitFixture.profile("mistralai/Mistral-Nemo-Instruct-2407")
        #expect(try bytesPerToken(nemo, tensor: 1) == 163_840)
        #expect(try bytesPerToken(FitFixture.profile("Qwen/Qwen3-0.6B"), tensor: 1) == 114_688)
    }

    @Test(
        "3. Tied embeddings are counted once",
        arguments: [
            "meta-llama/Llama-3.2-1B-Instruct", "Qwen/Qwen3-4B", "google/gemma-2-2b-it",
            "microsoft/Phi-4-mini-instruct",
        ]
    )
    func tiedOnce(id: String) throws {
        let profile = try FitFixture.profile(id)
        #expect(profile.tiesEmbeddings)
        #expect(profile.parametersByComponent[.languageHead] == 0)
        #expect(profile.parametersByComponent[.embedding] > 0)
    }

    @Test("3. Where the configuration does not say whether embeddings are tied, the published count does")
    func tiedByCount() throws {
        var configuration = FitFixture.configuration()
        configuration["tie_word_embeddings"] = nil
        let untied = try ModelProfile(ModelEvidence(configuration: configuration))
        let table: Int64 = 32_000 * 1024
        let tied = try ModelProfile(
            ModelEvidence(configuration: configuration, parameterCount: untied.parameters - table)
        )
        #expect(!untied.tiesEmbeddings)
        #expect(tied.tiesEmbeddings)
        #expect(tied.parameters == untied.parameters - table)
    }

    @Test(
        "4. What multimodal configurations nest is read",
        arguments: ["text_config", "llm_config", "language_config"]
    )
    func nested(key: String) throws {
        let plain = try ModelProfile(ModelEvidence(configuration: FitFixture.configuration()))
        let wrapped: JSONValue = ["architectures": ["LlavaForConditionalGeneration"], "model_type": "llava"]
        var configuration = wrapped
        configuration[key] = FitFixture.configuration()
        let nested = try ModelProfile(ModelEvidence(configuration: configuration))
        #expect(nested.parameters == plain.parameters)
        #expect(nested.architecture == "LlavaForConditionalGeneration")
        #expect(nested.contextLength == 8192)
    }

    @Test("4. Mistral's own params.json is read")
    func mistralParameters() throws {
        let parameters: JSONValue = [
            "dim": 4096, "n_layers": 32, "head_dim": 128, "hidden_dim": 14_336, "n_heads": 32,
            "n_kv_heads": 8,
            "vocab_size": 32_768, "norm_eps": 1e-5,
        ]
        let profile = try ModelProfile(ModelEvidence(mistralParameters: parameters))
        #expect(profile.parameters == 7_248_023_552)
        #expect(profile.architecture == "MistralForCausalLM")
    }

    @Test(
        "5. The dtype may be called dtype, torch_dtype, or be missing",
        arguments: ["dtype", "torch_dtype", nil]
    )
    func dtypeNames(key: String?) throws {
        var configuration = FitFixture.configuration()
        configuration["torch_dtype"] = nil
        if let key { configuration[key] = "bfloat16" }
        let profile = try ModelProfile(ModelEvidence(configuration: configuration))
        #expect(profile.dtype == key.map { _ in "bfloat16" })
        #expect(profile.weightBytes == 2 * profile.parameters)
    }

    @Test("6. The quantisation may be in a file of its own")
    func separateQuantization() throws {
        let separate: JSONValue = [
            "producer": ["name": "modelopt"],
            "quantization": [
                "quant_algo": "FP8", "kv_cache_quant_algo": "FP8", "exclude_modules": ["lm_head"],
            ],
        ]
        let profile = try ModelProfile(
            ModelEvidence(configuration: FitFixture.configuration(), quantization: separate)
        )
        #expect(profile.quantization?.format.name == "fp8")
        #expect(profile.quantization?.keyValueDtype == "fp8")
        #expect(profile.bytesByComponent[.feedForward] == profile.parametersByComponent[.feedForward])
        #expect(profile.bytesByComponent[.languageHead] == 2 * profile.parametersByComponent[.languageHead])
    }

    @Test("7. Of several copies of the weights one is counted")
    func oneSet() throws {
        let files = [
            ("model-00001-of-00002.safetensors", 9_000), ("model-00002-of-00002.safetensors", 7_000),
            ("consolidated.safetensors", 16_000), ("original/consolidated.00.pth", 16_000),
            ("pytorch_model.bin", 16_000),
            ("fp16/model.safetensors", 16_000), ("model-Q4_K_M.gguf", 5_000), ("model-Q8_0.gguf", 8_500),
            ("model.safetensors.index.json", 100), ("mmproj-model-f16.gguf", 900),
        ].map { RepositoryFile(path: $0.0, bytes: $0.1) }
        let sets = WeightSet.sets(in: files)
        #expect(sets.map(\.kind) == [.safetensors, .mistral, .pickled, .gguf, .gguf])
        #expect(sets.first?.bytes == 16_000)
        #expect(sets.last?.files.count == 1)
    }

    @Test("8. Checkpoints in 32 bits are served in 16")
    func wideCheckpoints() throws {
        let profile = try ModelProfile(
            ModelEvidence(
                configuration: FitFixture.configuration(["torch_dtype": "float32"]),
                elementsByDtype: ["F32": 166_740_992]
            )
        )
        #expect(profile.weightBytes == 2 * profile.parameters)
    }

    @Test("9. The label is NVML's; the fraction is of what a process sees")
    func labelAndFraction() throws {
        let profile = try FitFixture.profile("Qwen/Qwen3-8B")
        var request = FitRequest(
            model: "m",
            devices: [FitDevice(named: "NVIDIA-H100-80GB-HBM3", count: 1, memoryMiB: 81_559)]
        )
        request.options.memoryFraction = 0.9
        let budget = try #require(Fit.evaluate(profile, request).best).budget
        #expect(abs(budget.visible.gibibytes - 79.18) < 0.01)
        #expect(abs(budget.budget.gibibytes - 0.9 * 79.18) < 0.01)
    }

    @Test(
        "10. Of a shared GPU a workload has a part, and of one shared by nobody knows how many nothing is promised"
    )
    func sharedGPUs() throws {
        let profile = try FitFixture.profile("Qwen/Qwen3-0.6B")
        var request = FitFixture.request("NVIDIA-L4-SHARED", count: 4, context: 2048)
        #expect(Fit.evaluate(profile, request).verdict == .unknown)
        request.devices[0].sharers = 3
        let best = try #require(Fit.evaluate(profile, request).best)
        #expect(best.budget.visible == ByteCount.gibibytes(22.03) / 3)
        #expect(best.parallelism.gpus == 1)
    }

    @Test("11. The default context may be what does not fit: Llama-3.2-3B on an L4 fails at 131,072")
    func defaultContext() throws {
        let profile = try FitFixture.profile("meta-llama/Llama-3.2-3B-Instruct")
        var request = FitFixture.request("L4")
        request.engineVersion = EngineVersion(0, 15)
        let report = Fit.evaluate(profile, request)
        #expect(report.verdict == .fitsWithChanges)
        let blocker = try #require(report.blockers.first)
        #expect(blocker.code == .oneRequest)
        #expect(blocker.needBytes == 14 << 30)
        guard case .contextLength(let length) = try #require(blocker.fix ?? report.changes.first) else {
            Issue.record("no context is proposed")
            return
        }
        #expect((100_000..<131_072).contains(length))
        request.workload.contextLength = length
        #expect(Fit.evaluate(profile, request).verdict == .fits)
    }
}
