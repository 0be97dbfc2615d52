import JSON
import KubernetesModel
import YAML

/// The pods of a deployment whose containers run an engine's own server.
struct EnginePod {
    let spec: DeploymentSpec
    let group: WorkerGroup
    /// The name of the container.
    var container = "server"
    let image: String
    /// The program and what comes before the arguments; empty for the image's own.
    var command: [String]
    var arguments: [String]
    /// Where the server listens.
    let port: Int
    /// The path that tells by its status whether the server can take requests.
    var healthPath = "/health"
    /// What the engine reads from a file; nil for an engine that is told everything by its arguments.
    var configuration: JSONValue?

    /// Where the file with the engine's configuration lies.
    static let configurationPath = configurationFolder + "/" + configurationFile
    private static let configurationFolder = "/etc/ingot"
    private static let configurationFile = "engine.yaml"
    /// The annotation with the engine's configuration, so that another one starts other pods.
    private static let configurationMark = "ingot.dev/engine-configuration"

    /// Loading hundreds of gigabytes over a slow network takes hours; a start that makes no progress is for people to judge.
    static let startupFailures: Int64 = 1440
    static let startupPeriod: Int64 = 5
    /// How long a start may take, in seconds.
    static let startupSeconds = startupFailures * startupPeriod

    /// The template of the pods.
    var template: JSONValue {
        var metadata: JSONValue = ["labels": OwnMarks.labels(spec, role: group.role)]
        for (key, value) in spec.podAnnotations.sorted(by: { $0.key < $1.key }) {
            metadata[at: "annotations", key] = .string(value)
        }
        if let configuration {
            metadata[at: "annotations", Self.configurationMark] = .string(configuration.description)
        }
        return ["metadata": metadata, "spec": podSpec]
    }

    /// The specification of a pod.
    var podSpec: JSONValue {
        // For a service named vllm Kubernetes would set VLLM_PORT to its URL, which vLLM takes for a port of its own.
        var pod: JSONValue = ["enableServiceLinks": false, "containers": [containerSpec]]
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
        var json: JSONValue = ["name": .string(container), "image": .string(image)]
        if !command.isEmpty { json["command"] = .array(command.map(JSONValue.string)) }
        json["args"] = .array(arguments.map { .string(LiteralText.escaped($0)) })
        json["ports"] = [
            ["name": "http", "containerPort": .integer(Int64(port)), "protocol": "TCP"]
        ]
        if !environment.isEmpty { json["env"] = .array(environment) }
        var resources = Self.resources(spec, group)
        if group.gpus == 0, spec.resources.cpu == nil { resources[at: "requests", "cpu"] = "1" }
        if resources != [:] { json["resources"] = resources }
        json["startupProbe"] = probed(Self.startupPeriod, failures: Self.startupFailures)
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
            entries.append([
                "name": "HF_HOME", "value": .string(LiteralText.escaped(cache.mountPath)),
            ])
        }
        return entries
            + spec.environment.map {
                ["name": .string($0.name), "value": .string(LiteralText.escaped($0.value))]
            }
    }

    /// The volumes: shared memory, by which the processes of several GPUs speak, the cache of models, a model that is on the node,
    /// and the engine's configuration.
    var volumes: [JSONValue] { folders.map(\.volume) }

    private var mounts: [JSONValue] { folders.map(\.mount) }

    private var folders: [(volume: JSONValue, mount: JSONValue)] {
        var folders: [(volume: JSONValue, mount: JSONValue)] = []
        if group.gpus > 1 {
            folders.append(
                (
                    ["name": "shared-memory", "emptyDir": ["medium": "Memory"]],
                    ["name": "shared-memory", "mountPath": "/dev/shm"]
                )
            )
        }
        folders += ModelStorage(spec).folders
        if configuration != nil {
            folders.append(
                (
                    ["name": "configuration", "configMap": ["name": .string(configurationName)]],
                    [
                        "name": "configuration", "mountPath": .string(Self.configurationFolder),
                        "readOnly": true,
                    ]
                )
            )
        }
        return folders
    }

    /// The name of the config map with the engine's configuration.
    private var configurationName: String { "\(spec.name)-engine" }

    /// The config map with the engine's configuration; nil without one.
    var configMap: Manifest? {
        configuration.map { configuration in
            ManifestType.configMap.manifest(
                metadata: OwnMarks.metadata(spec, name: configurationName),
                ["data": [Self.configurationFile: .string(configuration.yaml)]]
            )
        }
    }
}
