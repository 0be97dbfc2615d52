import Capacity
import JSON
import KubernetesModel
import Testing

@testable import Runtimes

@Suite struct DynamoRenderingTests {
    private static func spec(
        _ changes: JSONValue = [:],
        engine: InferenceEngine = .vllm
    ) throws -> DeploymentSpec {
        var wish: JSONValue = ["name": "qwen", "modelId": "Qwen/Qwen3-0.6B"]
        for member in changes.objectValue ?? JSONMembers() { wish[member.key] = member.value }
        return try DeploymentRequest(json: wish).spec(on: .dynamo, engine: engine, namespace: "team")
    }

    private static func services(
        _ changes: JSONValue = [:],
        engine: InferenceEngine = .vllm
    ) throws -> JSONValue {
        let manifest = try #require(try DynamoRuntime.render(spec(changes, engine: engine)).first)
        return try #require(manifest.object["spec"]?["services"])
    }

    private static func arguments(_ service: JSONValue?) -> [String] {
        let container = service?["extraPodSpec"]?["mainContainer"]
        return (container?["args"]?.arrayValue ?? []).compactMap(\.stringValue)
    }

    private static func value(_ option: String, _ arguments: [String]) -> String? {
        guard let index = arguments.firstIndex(of: option) else { return nil }
        return arguments.indices.contains(index + 1) ? arguments[index + 1] : nil
    }

    private static func problems(_ changes: JSONValue, engine: InferenceEngine = .vllm) throws -> [String] {
        let spec = try spec(changes, engine: engine)
        do throws(InvalidDeployment) {
            _ = try DynamoRuntime.render(spec)
            return []
        } catch {
            return error.problems.map(\.path)
        }
    }

    @Test func aWorkerWithoutResourcesInTheWishAsksForAGPUAllTheSame() throws {
        let worker = try Self.services()["worker"]
        #expect(worker?["resources"] == ["limits": ["gpu": "1"], "requests": ["gpu": "1"]])
        #expect(worker?["subComponentType"] == nil && worker?["envFromSecret"] == nil)
    }

    @Test func anotherKindOfGPUIsNamedAsDynamoHasIt() throws {
        let worker = try Self.services(["resources": ["gpu": 2, "gpuResource": "amd.com/gpu"]])["worker"]
        #expect(worker?["resources"]?["limits"] == ["gpu": "2", "gpuType": "amd.com/gpu"])
    }

    @Test(arguments: [InferenceEngine.vllm, .sglang, .tensorRTLLM])
    func bothSidesOfADisaggregatedDeploymentAreToldWhichTheyAre(engine: InferenceEngine) throws {
        let services = try Self.services(
            ["mode": "disaggregated", "decodeGpus": 2, "prefillReplicas": 3],
            engine: engine
        )
        for role in ["prefill", "decode"] {
            let service = services[role]
            #expect(service?["subComponentType"]?.stringValue == role)
            #expect(Self.value("--disaggregation-mode", Self.arguments(service)) == role)
            #expect(
                service?["extraPodMetadata"]?["labels"]?["ingot.dev/role"]?.stringValue == role
            )
        }
        let sizes = ["--tensor-parallel-size", "--tp-size"]
        #expect(sizes.contains { Self.value($0, Self.arguments(services["decode"])) == "2" })
        #expect(services["prefill"]?["replicas"] == 3 && services["worker"] == nil)
    }

    @Test func routersBesideDynamosOwnAreChosenByAVariableOfTheFrontend() throws {
        #expect(try Self.services()["Frontend"]?["envs"] == nil)
        for mode in ["kv", "round-robin"] {
            let services = try Self.services(["routerMode": .string(mode)])
            #expect(
                services["Frontend"]?["envs"] == [["name": "DYN_ROUTER_MODE", "value": .string(mode)]]
            )
            let arguments = Self.arguments(services["worker"])
            #expect(arguments.contains("--enable-prefix-caching") == (mode == "kv"))
            #expect(arguments.contains("--kv-events-config") == (mode == "kv"))
        }
    }

    @Test func whatTheWishSaysOfTransferAndEventsCounts() throws {
        let arguments = Self.arguments(
            try Self.services([
                "mode": "disaggregated", "routerMode": "kv",
                "engineArgs": ["kv_transfer_config": ["kv_connector": "LMCacheConnectorV1"]],
            ])["decode"]
        )
        #expect(!arguments.contains("--kv-transfer-config"))
        #expect(Self.value("--kv_transfer_config", arguments) == #"{"kv_connector":"LMCacheConnectorV1"}"#)
    }

    @Test func hostileTextsAreOneWordEachThatKubernetesLeavesAlone() throws {
        let services = try Self.services([
            "servedModelName": .string(GoldenSpecification.hostileName),
            "engineArgs": ["chat-template": "'; rm -rf / #"],
        ])
        let container = services["worker"]?["extraPodSpec"]?["mainContainer"]
        #expect(container?["command"] == ["python3", "-m", "dynamo.vllm"])
        let arguments = Self.arguments(services["worker"])
        let name = try #require(Self.value("--served-model-name", arguments))
        // `$$` stands for `$`, so nothing is left that could be a variable.
        #expect(name.replacing("$$", with: "\u{1}").contains("$") == false)
        #expect(name.replacing("$$", with: "$") == GoldenSpecification.hostileName)
        #expect(Self.value("--chat-template", arguments) == "'; rm -rf / #")
    }

    @Test(
        arguments: [
            (["name": "a-name-of-38-characters-is-one-too-lon"], "name"),
            (["name": "3b"], "name"), (["resources": ["gpu": 0]], "resources.gpu"),
            (["mode": "disaggregated", "decodeGpus": 0], "decodeGpus"),
            (["minReplicas": 1, "maxReplicas": 3], "maxReplicas"),
            (["mode": "disaggregated", "prefillMaxReplicas": 3], "prefillMaxReplicas"),
            (["ggufFile": "a.gguf"], "ggufFile"), (["modelPath": "/etc/ssl"], "modelPath"),
            (["tensorParallelSize": 2], "tensorParallelSize"),
        ] as [(JSONValue, String)]
    )
    func whatDynamoCannotDoIsNamed(changes: JSONValue, path: String) throws {
        #expect(try Self.problems(changes) == [path])
    }

    @Test func whatTensorRTLLMCannotBeToldIsNamed() throws {
        #expect(try Self.problems(["revision": "main"], engine: .tensorRTLLM) == ["revision"])
        let text: JSONValue = ["engineArgs": ["override-engine-args": "{}"]]
        #expect(try Self.problems(text, engine: .tensorRTLLM) == ["engineArgs.override-engine-args"])
        #expect(try Self.problems([:], engine: .llamaCpp) == ["engine", "resources.gpu"])
    }
}
