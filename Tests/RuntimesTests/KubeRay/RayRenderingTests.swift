import Capacity
import JSON
import KubernetesModel
import Testing
import YAML

@testable import Runtimes

@Suite struct RayRenderingTests {
    private static func spec(_ changes: JSONValue, engine: InferenceEngine = .vllm) throws -> DeploymentSpec {
        var wish: JSONValue = ["name": "qwen", "modelId": "Qwen/Qwen3-0.6B"]
        for member in changes.objectValue ?? JSONMembers() { wish[member.key] = member.value }
        return try DeploymentRequest(json: wish).spec(on: .kuberay, engine: engine, namespace: "team")
    }

    private static func service(_ changes: JSONValue = [:]) throws -> JSONValue {
        let manifest = try #require(try KubeRayRuntime.render(spec(changes)).first)
        return try #require(manifest.object["spec"])
    }

    /// The configurations of models, as a reader of YAML finds them.
    private static func models(_ service: JSONValue) throws -> [JSONValue] {
        let text = try #require(service["serveConfigV2"]?.stringValue)
        let arguments = try YAMLNode(parsing: text).json["applications"]?[0]?["args"]
        return ["prefill_config", "decode_config"].compactMap { arguments?[$0] }
            + (arguments?["llm_configs"]?.arrayValue ?? [])
    }

    private static func problems(_ changes: JSONValue, engine: InferenceEngine = .vllm) throws -> [String] {
        let spec = try spec(changes, engine: engine)
        do throws(InvalidDeployment) {
            _ = try KubeRayRuntime.render(spec)
            return []
        } catch {
            return error.problems.map(\.path)
        }
    }

    @Test func hostileTextsStayTextsInServesConfiguration() throws {
        let arguments: JSONValue = [
            "opt_a": "yes", "opt_b": "012", "opt_c": "- x: !!python/object:os.system", "opt_d": "null",
            "opt_e": "1e3",
            "opt_f": ["&x", "*x", "? y", "%z", "~", "", "---", "a: b #c", "\u{2028}\u{FEFF}"],
            "opt_g": ["{{ t }}": "x", "": 0, "yes": true], "opt_h": "it's \"quoted\" \\ ", "opt_i": 1e300,
            "opt_j": false,
        ]
        let name = GoldenSpecification.hostileName
        let service = try Self.service(["servedModelName": .string(name), "engineArgs": arguments])
        let model = try #require(try Self.models(service).first)
        #expect(model["model_loading_config"]?["model_id"]?.stringValue == name)
        #expect(model["model_loading_config"]?["model_source"] == "Qwen/Qwen3-0.6B")
        for argument in arguments.objectValue ?? JSONMembers() {
            #expect(model["engine_kwargs"]?[argument.key] == argument.value)
        }
    }

    @Test func optionsBecomeArgumentsOfPythonWithTheirTypes() throws {
        let service = try Self.service([
            "engineArgs": [
                "max-num-batched-tokens": 8192, "no-enable-log-requests": true, "--swap-space": 4.5,
            ]
        ])
        let engine = try #require(try Self.models(service).first?["engine_kwargs"])
        #expect(engine["max_num_batched_tokens"] == 8192 && engine["swap_space"] == 4.5)
        #expect(engine["enable_log_requests"] == false && engine["tensor_parallel_size"] == 1)
        #expect(engine["enforce_eager"] == true && engine["enable_prefix_caching"] == false)
    }

    @Test func tensorParallelismFollowsTheGPUsOfAWorker() throws {
        let service = try Self.service([
            "resources": ["gpu": 4], "pipelineParallelSize": 2, "acceleratorType": "L4",
        ])
        let model = try #require(try Self.models(service).first)
        #expect(model["engine_kwargs"]?["tensor_parallel_size"] == 2)
        #expect(model["engine_kwargs"]?["pipeline_parallel_size"] == 2)
        #expect(model["accelerator_type"] == "L4")
        let worker = service["rayClusterConfig"]?["workerGroupSpecs"]?[0]?["template"]?["spec"]?[
            "containers"
        ]?[0]
        #expect(worker?["resources"]?["limits"]?["nvidia.com/gpu"] == "4")
    }

    @Test(
        arguments: [
            ([:], [1, 1, 1]), (["replicas": 3], [3, 3, 3]),
            (["minReplicas": 2, "maxReplicas": 4], [2, 2, 4]),
            (["replicas": 3, "maxReplicas": 4], [3, 3, 4]),
            (["replicas": 2, "minReplicas": 1], [2, 1, 2]),
            (["minReplicas": 0, "maxReplicas": 2], [1, 0, 2]),
            (["replicas": 0, "minReplicas": 0, "maxReplicas": 2], [0, 0, 2]),
            (["minReplicas": 3], [3, 3, 3]), (["minReplicas": 2, "maxReplicas": 2], [2, 2, 2]),
        ] as [(JSONValue, [Int64])]
    )
    func replicasAreWithinTheirBounds(changes: JSONValue, numbers: [Int64]) throws {
        let service = try Self.service(changes)
        let group = service["rayClusterConfig"]?["workerGroupSpecs"]?[0]
        // Those of a cluster that runs cannot be moved; Serve's can.
        let workers = [numbers[0], 0, 1000]
        #expect(
            ["replicas", "minReplicas", "maxReplicas"].map { group?[$0]?.integerValue } == workers
        )
        let deployment = try #require(try Self.models(service).first?["deployment_config"])
        if let scaling = deployment["autoscaling_config"] {
            let keys = ["initial_replicas", "min_replicas", "max_replicas"]
            #expect(keys.map { scaling[$0]?.integerValue } == numbers)
            #expect(deployment["num_replicas"] == nil)
        } else {
            #expect(deployment["num_replicas"]?.integerValue == numbers[0])
        }
    }

    @Test func prefillAndDecodeReplicasAreHeldByGroupsOfTheirOwn() throws {
        let service = try Self.service([
            "mode": "disaggregated", "decodeGpus": 2, "kvConnector": "SimpleConnector",
        ])
        let models = try Self.models(service)
        let roles = models.map { $0["engine_kwargs"]?["kv_transfer_config"]?["kv_role"]?.stringValue }
        #expect(roles == ["kv_producer", "kv_consumer"])
        let groups = service["rayClusterConfig"]?["workerGroupSpecs"]?.arrayValue ?? []
        #expect(groups.map { $0["groupName"]?.stringValue } == ["prefill-group", "decode-group"])
        for (model, group) in zip(models, groups) {
            let wished = try #require(model["deployment_config"]?["ray_actor_options"]?["resources"])
            // A shell takes the outer quotes off before Ray reads the JSON.
            let parameter = try #require(group["rayStartParams"]?["resources"]?.stringValue)
            let word = try #require(try JSONValue(parsing: Array(parameter.utf8)).stringValue)
            #expect(try JSONValue(parsing: Array(word.utf8)) == wished)
        }
    }

    @Test func theTokenIsOptionalAndReachesHeadAndWorkers() throws {
        func variables(_ service: JSONValue) -> [JSONValue?] {
            let cluster = service["rayClusterConfig"]
            return [cluster?["headGroupSpec"], cluster?["workerGroupSpecs"]?[0]].map {
                $0?["template"]?["spec"]?["containers"]?[0]?["env"]?[0]?["valueFrom"]
            }
        }
        let reference: JSONValue = ["secretKeyRef": ["name": "hf", "key": "HF_TOKEN"]]
        #expect(try variables(Self.service(["hfTokenSecret": "hf"])) == [reference, reference])
        #expect(try variables(Self.service()) == [nil, nil])
    }

    @Test(
        arguments: [
            (["name": "a-name-of-forty-eight-characters-is-one-too-long"], "name"),
            (["name": "3b"], "name"),
            (["resources": ["gpu": 0]], "resources.gpu"), (["replicas": 0], "replicas"),
            (["routerMode": "round-robin"], "routerMode"), (["engineExtraArgs": ["--x"]], "engineExtraArgs"),
            (["ggufFile": "a.gguf"], "ggufFile"), (["modelPath": "/etc/ssl"], "modelPath"),
            (["engineArgs": ["no_trust_remote_code": false]], "engineArgs.no_trust_remote_code"),
            (["tensorParallelSize": 2], "tensorParallelSize"),
        ] as [(JSONValue, String)]
    )
    func whatRayCannotDoIsNamed(changes: JSONValue, path: String) throws {
        #expect(try Self.problems(changes) == [path])
    }

    @Test(arguments: [InferenceEngine.sglang, .tensorRTLLM])
    func rayServesWithVLLMAlone(engine: InferenceEngine) throws {
        #expect(try Self.problems([:], engine: engine) == ["engine"])
    }
}
