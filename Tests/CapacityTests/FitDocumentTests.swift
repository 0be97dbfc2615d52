import Capacity
import JSON
import Testing

@Suite("Fits as JSON")
struct FitDocumentTests {
    private static let body = """
        {"model": {"id": "Qwen/Qwen3-32B", "revision": "main"}, "engine": {"name": "vllm", "version": "0.33.0"},
         "devices": [{"product": "NVIDIA-L40S", "count": 4, "memory_mib": 46068, "nvlink": false}],
         "workload": {"max_model_len": 32768, "concurrency": 1, "max_num_seqs": null, "max_num_batched_tokens": null},
         "options": {"quantization": "auto", "kv_cache_dtype": "auto", "tensor_parallel": "auto", "memory_fraction": null},
         "return": {"candidates": 3, "explain": true}}
        """

    @Test("A whole request is read")
    func request() throws {
        let document = try FitRequestDocument(json: JSONValue(parsing: Self.body))
        #expect(document.request.model == "Qwen/Qwen3-32B")
        #expect(document.request.revision == "main")
        #expect(document.evidence == nil)
        #expect(document.nodeSelector == nil)
        #expect(document.request.engineVersion == EngineVersion(0, 33))
        #expect(document.request.devices.first?.product?.name == "NVIDIA-L40S")
        #expect(document.request.devices.first?.hasNVLink == false)
        #expect(document.request.workload.contextLength == 32_768)
        #expect(document.request.options == FitOptions())
        #expect(document.request.candidateLimit == 3)
    }

    @Test("A model may be told in the request itself, and nodes may stand for devices")
    func inline() throws {
        let json: JSONValue = [
            "model": [
                "config": FitFixture.configuration(), "safetensors": ["parameters": ["BF16": 166_740_992]],
            ],
            "or_nodes": ["selector": "pool=gpu"],
        ]
        let document = try FitRequestDocument(json: json)
        #expect(document.evidence?.elementsByDtype == ["BF16": 166_740_992])
        #expect(document.nodeSelector == "pool=gpu")
        #expect(document.request.devices.isEmpty)
    }

    @Test(
        "What is wrong is named",
        arguments: [
            ("[]", "the body"), ("{}", "model"), (#"{"model": 1}"#, "model"), (#"{"model": {}}"#, "model.id"),
            (#"{"model": "m", "devices": []}"#, "devices"),
            (#"{"model": "m", "devices": [1]}"#, "devices[0]"),
            (#"{"model": "m", "devices": [{}]}"#, "devices[0].product"),
            (#"{"model": "m", "devices": [{"product": "H100", "count": 0}]}"#, "devices[0].count"),
            (
                #"{"model": "m", "devices": [{"product": "H100", "mig_profile": "x"}]}"#,
                "devices[0].mig_profile"
            ),
            (#"{"model": "m", "engine": {"name": "tgi"}}"#, "engine.name"),
            (#"{"model": "m", "engine": {"version": "new"}}"#, "engine.version"),
            (#"{"model": "m", "workload": {"max_model_len": -1}}"#, "workload.max_model_len"),
            (#"{"model": "m", "workload": {"concurrency": "two"}}"#, "workload.concurrency"),
            (#"{"model": "m", "options": {"memory_fraction": 1.5}}"#, "options.memory_fraction"),
            (#"{"model": "m", "options": {"kv_cache_dtype": "int3"}}"#, "options.kv_cache_dtype"),
            (#"{"model": "m", "return": {"candidates": 0}}"#, "return.candidates"),
        ]
    )
    func wrong(body: String, path: String) throws {
        let json = try JSONValue(parsing: body)
        let failure = #expect(throws: FitRequestFailure.self) { try FitRequestDocument(json: json) }
        #expect(failure?.path == path)
    }

    @Test("The answer has the verdict, the budget line by line and the engine's arguments")
    func answer() throws {
        let document = try FitRequestDocument(json: JSONValue(parsing: Self.body))
        let report = Fit.evaluate(try FitFixture.profile("Qwen/Qwen3-32B"), document.request)
        let json = report.json()
        #expect(json["verdict"] == "fits")
        #expect(json["confidence"]?["level"] == "exact_weights")
        #expect(json["best"]?["tensor_parallel"] == 2)
        #expect(json["best"]?["args"]?[0] == "--tensor-parallel-size")
        let budget = try #require(json["best"]?["per_gpu_gib"])
        let figures = ["weights", "activations", "runtime_and_comm", "cuda_graphs", "other", "kv_available"]
        let sum = figures.compactMap { budget[$0]?.doubleValue }.reduce(0, +)
        #expect(abs(sum - (budget["budget"]?.doubleValue ?? 0)) < 0.01)
        #expect(json["best"]?["budget"]?[0]?["code"] == "weights")
        #expect(json["best"]?["budget"]?[0]?["note"] != nil)
        #expect(report.json(explains: false)["best"]?["budget"]?[0]?["note"] == nil)
        #expect(json["best"]?["kv"]?["bytes_per_token_per_gpu"] == 131_072)
        // What is written can be read.
        #expect(try JSONValue(parsing: json.encoded()) == json)
    }

    @Test("The usual rule's figure is decimal, with one decimal")
    func baseline() {
        #expect(BaselineEstimate(parameters: 8_030_261_248).gigabytes == 19.3)
        #expect(BaselineEstimate(parameters: 8_000_000_000).text == "19.2GB")
        #expect(BaselineEstimate(parameters: -1).gigabytes == 0)
    }

    @Test("A profile tells what counts")
    func profile() throws {
        let json = try FitFixture.profile("deepseek-ai/DeepSeek-V3").json
        #expect(json["attention"] == ["mla"])
        #expect(json["experts"] == 256)
        #expect(json["quantization"] == "fp8-block")
        let active = try #require(json["parameters"]?["active"]?.integerValue)
        #expect((36_000_000_000...39_000_000_000).contains(active))
    }
}
