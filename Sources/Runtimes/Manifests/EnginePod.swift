import JSON
import KubernetesModel

/// The pods of a deployment whose containers run an engine's own server.
struct EnginePod {
    let spec: DeploymentSpec
    let group: WorkerGroup
    /// The name of the container.
    var container = "server"
    let image: String
    /// The program and what comes before the arguments; empty for what the image starts by itself.
    let command: [String]
    let arguments: [String]
    /// Where the server listens.
    let port: Int
    /// The path that tells by its status whether the server can take requests.
    var healthPath = "/health"

    /// Loading hundreds of gigabytes over a slow network takes hours; a start that makes no progress is for people to judge.
    private static let startupFailures: Int64 = 1440

    /// The template of the pods.
    var template: JSONValue {
        var metadata: JSONValue = ["labels": OwnMarks.labels(spec, role: group.role)]
        for (key, value) in spec.podAnnotations.sorted(by: { $0.key < $1.key }) {
            metadata[at: "annotations", key] = .string(value)
        }
        return ["metadata": metadata, "spec": podSpec]
    }

    /// The specification of a pod.
    var podSpec: JSONValue {
        var pod: JSONValue = ["containers": [containerSpec]]
        if !volumes.isEmpty { pod["volumes"] = .array(volumes) }
        for member in Self.place(spec, usesGPU: group.gpus > 0).objectValue ?? JSONMembers() {
            pod[member.key] = member.value
        }
        return pod
    }

    /// Where pods of a deployment may run: its node selector and tolerations.
    static func place(_ spec: DeploymentSpec, usesGPU: Bool) -> JSONValue {
        var place: JSONValue = [:]
        for (key, value) in spec.nodeSelector.sorted(by: { $0.key < $1.key }) {
            place[at: "nodeSelector", key] = .string(value)
        }
        var tolerations = spec.tolerations
        if usesGPU, !tolerations.contains(.gpu) { tolerations.insert(.gpu, at: 0) }
        if !tolerations.isEmpty { place["tolerations"] = .array(tolerations.map(\.json)) }
        return place
    }

    /// The container of the engine.
    var containerSpec: JSONValue {
        let probe: JSONValue = ["httpGet": ["path": .string(healthPath), "port": "http"]]
        func probed(_ period: Int64, failures: Int64) -> JSONValue {
            var probe = probe
            probe["periodSeconds"] = .integer(period)
            probe["timeoutSeconds"] = 5
            probe["failureThreshold"] = .integer(failures)
            return probe
        }
        var json: JSONValue = [
            "name": .string(container), "image": .string(image),
        ]
        if !command.isEmpty { json["command"] = .array(command.map(JSONValue.string)) }
        json["args"] = .array(arguments.map(JSONValue.string))
        json["ports"] = [["name": "http", "containerPort": .integer(Int64(port)), "protocol": "TCP"]]
        if !environment.isEmpty { json["env"] = .array(environment) }
        let resources = Self.resources(spec, group)
        if resources != [:] { json["resources"] = resources }
        json["startupProbe"] = probed(5, failures: Self.startupFailures)
        json["readinessProbe"] = probed(5, failures: 3)
        json["livenessProbe"] = probed(10, failures: 6)
        if !mounts.isEmpty { json["volumeMounts"] = .array(mounts) }
        return json
    }

    /// What a worker asks for: GPUs by their limit, processors and memory by both.
    static func resources(_ spec: DeploymentSpec, _ group: WorkerGroup) -> JSONValue {
        var amounts: JSONValue = [:]
        amounts["cpu"] = spec.resources.cpu.map(JSONValue.string)
        amounts["memory"] = spec.resources.memory.map(JSONValue.string)
        if group.gpus > 0 { amounts[spec.resources.gpuResource] = .string(String(group.gpus)) }
        return amounts == [:] ? [:] : ["limits": amounts, "requests": amounts]
    }

    /// The variables of the engine's container: the token, the place of the cache, and those of the specification, which go first
    /// where they have the same name.
    var environment: [JSONValue] { Self.environment(spec) }

    /// The variables of an engine's container.
    static func environment(_ spec: DeploymentSpec) -> [JSONValue] {
        let own = Set(spec.environment.map(\.name))
        var entries: [JSONValue] = []
        if let secret = spec.tokenSecret, !own.contains("HF_TOKEN") {
            entries.append([
                "name": "HF_TOKEN",
                "valueFrom": ["secretKeyRef": ["name": .string(secret), "key": "HF_TOKEN"]],
            ])
        }
        if let cache = spec.modelCache, !own.contains("HF_HOME") {
            entries.append(["name": "HF_HOME", "value": .string(cache.mountPath)])
        }
        return entries
            + spec.environment.map { ["name": .string($0.name), "value": .string($0.value)] }
    }

    /// The volumes: shared memory, by which the processes of several GPUs speak, and the cache of models.
    var volumes: [JSONValue] {
        var volumes: [JSONValue] = []
        if group.gpus > 1 { volumes.append(["name": "shared-memory", "emptyDir": ["medium": "Memory"]]) }
        if let cache = spec.modelCache {
            volumes.append([
                "name": "model-cache", "persistentVolumeClaim": ["claimName": .string(cache.claim)],
            ])
        }
        return volumes
    }

    private var mounts: [JSONValue] {
        var mounts: [JSONValue] = []
        if group.gpus > 1 { mounts.append(["name": "shared-memory", "mountPath": "/dev/shm"]) }
        if let cache = spec.modelCache {
            mounts.append(["name": "model-cache", "mountPath": .string(cache.mountPath)])
        }
        return mounts
    }
}
