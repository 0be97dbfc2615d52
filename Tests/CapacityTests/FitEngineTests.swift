import Capacity
import JSON
import Testing

@Suite("Engines")
struct FitEngineTests {
    @Test("An architecture that was removed is supported up to its last version, which is proposed")
    func removed() throws {
        let name = "MllamaForConditionalGeneration"
        #expect(InferenceEngine.vllm.support(of: name, version: EngineVersion(0, 10, 2)) == .supported)
        #expect(
            InferenceEngine.vllm.support(of: name, version: EngineVersion(0, 11))
                == .removed(lastVersion: EngineVersion(0, 10, 2))
        )
        #expect(InferenceEngine.sglang.support(of: name, version: EngineVersion(0, 5, 23)) == .supported)
        let persimmon = try ModelProfile(
            ModelEvidence(
                configuration: FitFixture.configuration(["architectures": ["PersimmonForCausalLM"]])
            )
        )
        let report = Fit.evaluate(persimmon, FitFixture.request("H100", context: 2048))
        #expect(report.verdict == .unsupported)
        #expect(report.blockers.first?.code == .architectureRemoved)
        #expect(report.blockers.first?.fix == .engineVersion(EngineVersion(0, 25)))
        #expect(report.candidates.allSatisfy { !$0.fits })
    }

    @Test("Lists differ: what each engine runs, by the class or by GGUF's name")
    func lists() {
        let latest = EngineVersion(9, 9)
        #expect(InferenceEngine.vllm.support(of: "LlamaForCausalLM", version: latest) == .supported)
        #expect(InferenceEngine.tensorRTLLM.support(of: "BloomForCausalLM", version: latest) == .unsupported)
        #expect(InferenceEngine.llamaCpp.support(of: "qwen3moe", version: latest) == .supported)
        #expect(InferenceEngine.llamaCpp.support(of: "gpt-oss", version: latest) == .supported)
        #expect(InferenceEngine.llamaCpp.support(of: "nothing", version: latest) == .unsupported)
        #expect(InferenceEngine.vllm.support(of: "", version: latest) == .unknown)
        #expect(InferenceEngine.running("Qwen3ForCausalLM") == [.vllm, .sglang, .tensorRTLLM, .llamaCpp])
    }

    @Test(
        "Versions are read from tags, and the last of a range counts",
        arguments: [
            ("0.33.0", EngineVersion(0, 33)), ("v0.25.1", EngineVersion(0, 25, 1)),
            ("0.1x", EngineVersion(0, 19)),
            ("0.13 nv26.01", EngineVersion(0, 13)), ("pre-0.28", EngineVersion(0, 28)),
            ("0.8.x V1", EngineVersion(0, 8)),
            ("vllm/vllm-openai:v0.11.0", EngineVersion(0, 11)),
        ]
    )
    func versions(text: String, version: EngineVersion) {
        #expect(EngineVersion(parsing: text) == version)
        #expect(EngineVersion(parsing: "latest") == nil)
        #expect(EngineVersion(parsing: "2025-26") == nil)
    }

    @Test("llama.cpp needs a GGUF file; a mixture may be asked about without one")
    func mixtures() throws {
        let profile = try FitFixture.profile("Qwen/Qwen3-8B")
        var request = FitFixture.request("RTX 4090", context: 8192)
        request.engine = .llamaCpp
        let report = Fit.evaluate(profile, request)
        #expect(report.verdict == .unsupported)
        #expect(report.blockers.first?.fix == .quantization("Q4_K_M"))
        request.options.quantization = "Q4_K_M"
        let mixed = Fit.evaluate(profile, request)
        #expect(mixed.verdict == .fits)
        // The published Q4_K_M file of Qwen3-8B is 5.03 GB, 0.35 GB of it the embedding that stays behind.
        #expect(abs(Double(try #require(mixed.best).budget[.weights]) / 1e9 - 4.68) < 0.1)
    }

    @Test("DeepSeek's sparse attention caches 656 and 132 bytes for each layer by default")
    func sparseAttention() throws {
        let profile = try FitFixture.profile("deepseek-ai/DeepSeek-V3.2")
        let best = try #require(
            Fit.evaluate(profile, FitFixture.request("H200", tensor: 8, context: 4096)).best
        )
        #expect(best.cache.bytesPerToken == 61 * (656 + 132))
    }

    @Test("gpt-oss' experts are padded by old kernels: 65.97, 64.38 and 60.8 GiB on a Hopper, by version")
    func padding() throws {
        let profile = try FitFixture.profile("openai/gpt-oss-120b")
        var request = FitFixture.request("H100", context: 4096)
        for (version, gibibytes) in [
            (EngineVersion(0, 10, 1), 65.9), (EngineVersion(0, 14, 1), 64.35),
            (EngineVersion(0, 25, 1), 60.75),
        ] {
            request.engineVersion = version
            let weights = try #require(Fit.evaluate(profile, request).best).budget[.weights].gibibytes
            #expect(abs(weights - gibibytes) < 0.15, "\(version): \(weights)")
        }
    }

    @Test(
        "Windowed layers cost a long request little where layers have blocks of their own, and all of it where not"
    )
    func windows() throws {
        let profile = try FitFixture.profile("openai/gpt-oss-120b")
        var request = FitFixture.request("H200", context: 131_072)
        request.workload.maxBatchedTokens = 1024
        request.engineVersion = EngineVersion(0, 15)
        let grouped = try #require(Fit.evaluate(profile, request).best).cache
        request.engineVersion = EngineVersion(0, 9)
        let whole = try #require(Fit.evaluate(profile, request).best).cache
        #expect(grouped.bytesPerRequest < 5 << 30)
        #expect(whole.bytesPerRequest == 9 << 30)
    }

    @Test("Embedding models cache nothing")
    func embedding() throws {
        let profile = try FitFixture.profile("intfloat/e5-mistral-7b-instruct")
        #expect(profile.role == .embedding)
        let report = Fit.evaluate(profile, FitFixture.request("L4", context: 32_768))
        #expect(report.verdict == .fits)
        #expect(report.best?.cache.bytesPerToken == 0)
    }

    @Test(
        "Old GPUs: bfloat16 checkpoints are converted, Gemma-3 cannot be, and some quantisations do not run"
    )
    func oldGPUs() throws {
        let qwen = try FitFixture.profile("Qwen/Qwen3-1.7B")
        let best = try #require(Fit.evaluate(qwen, FitFixture.request("T4", context: 2048)).best)
        #expect(best.fits)
        #expect(best.arguments.suffix(2) == ["--dtype", "half"])
        let gemma = try FitFixture.profile("google/gemma-3-1b-it")
        let refused = Fit.evaluate(gemma, FitFixture.request("T4", context: 2048))
        #expect(refused.verdict == .unsupported)
        #expect(refused.blockers.first?.code == .capability)
        // Another GPU of the same request is judged on its own.
        var both = FitFixture.request("T4", context: 2048)
        both.devices.append(FitDevice(named: "L4"))
        let mixed = Fit.evaluate(gemma, both)
        #expect(mixed.verdict == .fits)
        #expect(mixed.best?.device.name == "L4")
        let oss = try FitFixture.profile("openai/gpt-oss-20b")
        #expect(
            Fit.evaluate(oss, FitFixture.request("V100-SXM2-32GB", context: 2048)).verdict == .unsupported
        )
    }

    @Test("MIG slices and shares are not put together")
    func slices() throws {
        let profile = try FitFixture.profile("meta-llama/Llama-3.1-8B-Instruct")
        var request = FitRequest(
            model: "m",
            devices: [FitDevice(named: "NVIDIA-A100-SXM4-80GB-MIG-1g.10gb", count: 7)]
        )
        request.workload.contextLength = 4096
        #expect(Fit.evaluate(profile, request).verdict != .fits)
        request.options.tensorParallel = 2
        #expect(Fit.evaluate(profile, request).blockers.first?.code == .migSlices)
        request.options.tensorParallel = nil
        request.devices = [FitDevice(named: "NVIDIA-A100-SXM4-80GB-MIG-3g.40gb", count: 2)]
        let report = Fit.evaluate(profile, request)
        #expect(report.verdict == .fits)
        #expect(report.best?.replicas == 2)
    }

    @Test("What an engine printed at an earlier start goes before any estimate")
    func measured() throws {
        let profile = try FitFixture.profile("openai/gpt-oss-120b")
        var request = FitFixture.request("H100", context: 131_072)
        request.engineVersion = EngineVersion(0, 25, 1)
        request.measurements = [
            FitMeasurement(
                parallelism: Parallelism(),
                version: EngineVersion(0, 25, 1),
                product: "NVIDIA-H100-80GB-HBM3",
                weightBytes: ByteCount.gibibytes(61.29),
                overheadBytes: ByteCount.gibibytes(3.4)
            )
        ]
        let report = Fit.evaluate(profile, request)
        #expect(report.confidence == .measured)
        #expect(report.best?.budget[.weights] == ByteCount.gibibytes(61.29))
        request.engineVersion = EngineVersion(0, 26)
        #expect(Fit.evaluate(profile, request).confidence == .exactWeights)
    }

    @Test("Pipeline stages have their own layers; the fullest counts")
    func stages() throws {
        let profile = try FitFixture.profile("meta-llama/Llama-3.3-70B-Instruct")
        var request = FitFixture.request("H100", count: 4, context: 8192)
        request.options.tensorParallel = 1
        request.options.pipelineParallel = 4
        let best = try #require(Fit.evaluate(profile, request).best)
        // 20 of 80 layers, and one end.
        #expect(abs(best.budget[.weights].gibibytes - (131.42 - 2 * 1.957) / 4 - 1.957) < 0.1)
        #expect(best.cache.bytesPerToken == 327_680 / 4)
    }

    @Test("Headers of safetensors give each component's bytes, without modules that predict further tokens")
    func headers() throws {
        let configuration = FitFixture.configuration(["num_hidden_layers": 1, "tie_word_embeddings": true])
        func tensor(_ name: String, _ dtype: String, _ shape: Int64...) -> SafetensorsTensor {
            SafetensorsTensor(name: name, dtype: dtype, shape: shape)
        }
        let tensors = [
            tensor("model.embed_tokens.weight", "BF16", 32_000, 1024),
            tensor("lm_head.weight", "BF16", 32_000, 1024),
            tensor("model.layers.0.self_attn.q_proj.weight", "F8_E4M3", 1024, 1024),
            tensor("model.layers.0.self_attn.o_proj.weight", "F8_E4M3", 1024, 1024),
            tensor("model.layers.0.self_attn.k_proj.weight", "F8_E4M3", 256, 1024),
            tensor("model.layers.0.self_attn.v_proj.weight", "F8_E4M3", 256, 1024),
            tensor("model.layers.0.mlp.gate_proj.weight", "F32", 4096, 1024),
            tensor("model.layers.0.mlp.up_proj.weight", "F32", 4096, 1024),
            tensor("model.layers.0.mlp.down_proj.weight", "F32", 1024, 4096),
            tensor("model.layers.1.mlp.down_proj.weight", "BF16", 1024, 4096),
        ]
        let profile = try ModelProfile(ModelEvidence(configuration: configuration, tensors: tensors))
        #expect(profile.evidence == .exactWeights)
        #expect(!profile.tiesEmbeddings)
        #expect(profile.bytesByComponent[.languageHead] == 2 * 32_000 * 1024)
        #expect(profile.bytesByComponent[.attentionQueryOutput] == 2 * 1024 * 1024)
        #expect(profile.bytesByComponent[.attentionKeyValue] == 2 * 256 * 1024)
        // 32-bit matrices are served in 16.
        #expect(profile.bytesByComponent[.feedForward] == 2 * 3 * 4096 * 1024)
    }
}
