import Capacity
import JSON
import KubernetesModel

/// The services of a graph (deploy/operator/api/v1alpha1 of Dynamo 1.3, DynamoComponentDeploymentSharedSpec).
enum DynamoService {
    /// The frontend's key; its Kubernetes service is named after the graph and this in lower case.
    static let frontendKey = "Frontend"
    /// Where the frontend listens.
    static let port = 8000

    /// The key of a group of workers.
    static func key(_ role: WorkerGroup.Role) -> String {
        role == .whole ? "worker" : role.rawValue
    }

    /// The image of all services: a release of Dynamo with the engine in it.
    private static func image(_ spec: DeploymentSpec, version: Int) -> JSONValue {
        if let image = spec.image { return .string(image) }
        let name =
            switch spec.engine {
            case .sglang: "sglang-runtime"
            case .tensorRTLLM: "tensorrtllm-runtime"
            case .vllm, .llamaCpp: "vllm-runtime"
            }
        return .string("nvcr.io/nvidia/ai-dynamo/\(name):1.3.1")
    }

    /// What takes requests, and gives them to workers.
    static func frontend(_ spec: DeploymentSpec, version: Int) -> JSONValue {
        var service: JSONValue = ["componentType": "frontend", "replicas": 1]
        service["envFromSecret"] = spec.tokenSecret.map(JSONValue.string)
        if let mode = routerMode(spec) {
            service["envs"] = [["name": "DYN_ROUTER_MODE", "value": .string(mode)]]
        }
        let amounts: JSONValue = ["cpu": "2", "memory": "4Gi"]
        service["resources"] = ["limits": amounts, "requests": amounts]
        service["extraPodMetadata"] = podMetadata(spec, .whole)
        var pod: JSONValue = [:]
        if !spec.tolerations.isEmpty { pod["tolerations"] = .array(spec.tolerations.map(\.json)) }
        pod["mainContainer"] = ["image": image(spec, version: version)]
        service["extraPodSpec"] = pod
        return service
    }

    /// How the frontend chooses among workers, as its `--router-mode` has it; nil for its own choice.
    private static func routerMode(_ spec: DeploymentSpec) -> String? {
        switch spec.router {
        case .none: nil
        case .keyValueAware: "kv"
        case .roundRobin: "round-robin"
        }
    }

    /// A group of workers.
    static func worker(_ spec: DeploymentSpec, _ group: WorkerGroup, version: Int) -> JSONValue {
        var service: JSONValue = ["componentType": "worker"]
        if group.role != .whole { service["subComponentType"] = .string(group.role.rawValue) }
        service["replicas"] = .integer(Int64(group.replicas.count))
        service["envFromSecret"] = spec.tokenSecret.map(JSONValue.string)
        // The operator takes all keys of the secret by itself.
        var open = spec
        open.tokenSecret = nil
        let environment = EnginePod.environment(open)
        if !environment.isEmpty { service["envs"] = .array(environment) }
        service["resources"] = resources(spec, group)
        service["extraPodMetadata"] = podMetadata(spec, group.role)
        let words = DynamoWorkerCommand.words(spec, group)
        var container: JSONValue = [
            "image": image(spec, version: version),
            "command": .array(words.command.map(JSONValue.string)),
            "args": .array(words.arguments.map { .string(LiteralText.escaped($0)) }),
        ]
        var pod = EnginePod.place(spec, usesGPU: true)
        let storage = ModelStorage(spec)
        if !storage.volumes.isEmpty {
            pod["volumes"] = .array(storage.volumes)
            container["volumeMounts"] = .array(storage.mounts)
        }
        pod["mainContainer"] = container
        service["extraPodSpec"] = pod
        return service
    }

    /// What a worker asks for, as Dynamo has it: GPUs have a key of their own.
    private static func resources(_ spec: DeploymentSpec, _ group: WorkerGroup) -> JSONValue {
        var amounts: JSONValue = [:]
        amounts["cpu"] = spec.resources.cpu.map(JSONValue.string)
        amounts["memory"] = spec.resources.memory.map(JSONValue.string)
        amounts["gpu"] = .string(String(group.gpus))
        if spec.resources.gpuResource != WorkerResources().gpuResource {
            amounts["gpuType"] = .string(spec.resources.gpuResource)
        }
        return ["limits": amounts, "requests": amounts]
    }

    private static func podMetadata(_ spec: DeploymentSpec, _ role: WorkerGroup.Role) -> JSONValue {
        var metadata: JSONValue = ["labels": OwnMarks.labels(spec, role: role)]
        for (key, value) in spec.podAnnotations.sorted(by: { $0.key < $1.key }) {
            metadata[at: "annotations", key] = .string(value)
        }
        return metadata
    }
}
