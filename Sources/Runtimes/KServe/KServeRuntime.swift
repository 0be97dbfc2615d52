public import Capacity
public import JSON
import KubernetesModel

/// KServe: an InferenceService whose predictor is KServe's Hugging Face runtime with vLLM behind it.
public enum KServeRuntime: Runtime {
    /// Which one it is.
    public static let id = RuntimeID.kserve
    /// The objects that stand for its deployments.
    public static let primary = ManifestType(
        "serving.kserve.io",
        "v1beta1",
        "inferenceservices",
        kind: "InferenceService"
    )

    /// Annotations of KServe (pkg/constants/constants.go).
    enum Mark {
        static let mode = "serving.kserve.io/deploymentMode"
        static let autoscaler = "serving.kserve.io/autoscalerClass"
        static let stop = "serving.kserve.io/stop"
        /// The label of its pods.
        static let service = "serving.kserve.io/inferenceservice"
    }

    /// The engines that it runs in a mode.
    public static func engines(_ mode: ServingMode) -> [InferenceEngine] {
        mode == .aggregated ? [.vllm] : []
    }

    /// What of a specification it cannot do.
    public static func problems(of spec: DeploymentSpec) -> [JSONFieldProblem] {
        var problems = PlainDeployment.problems(of: spec, id) + HuggingFaceServerCommand.problems(of: spec)
        if scales(spec), spec.workers.replicas.minimum == 0 {
            // A HorizontalPodAutoscaler keeps one at least.
            problems.append(JSONFieldProblem("minReplicas", "must be at least 1 with the provider kserve"))
        }
        return problems
    }

    /// The InferenceService. It gets a Deployment of KServe's by the name that all versions know for that.
    public static func manifests(for spec: DeploymentSpec, version: Int) -> [Manifest] {
        var metadata = OwnMarks.metadata(spec)
        metadata[at: "annotations", Mark.mode] = "RawDeployment"
        let replicas = spec.workers.replicas
        let scales = scales(spec)
        metadata[at: "annotations", Mark.autoscaler] = scales ? "hpa" : "none"

        var predictor: JSONValue = [
            "minReplicas": .integer(Int64(replicas.minimum ?? min(replicas.count, replicas.maximum ?? .max)))
        ]
        if scales {
            predictor["maxReplicas"] = .integer(
                Int64(replicas.maximum ?? max(replicas.count, replicas.minimum ?? 1))
            )
        }
        predictor["labels"] = OwnMarks.labels(spec)
        for (key, value) in spec.podAnnotations.sorted(by: { $0.key < $1.key }) {
            predictor[at: "annotations", key] = .string(value)
        }
        let group = spec.workers
        predictor["deploymentStrategy"] = PlainDeployment.strategy(group)
        predictor["enableServiceLinks"] = false
        predictor["model"] = model(spec, group, version: version)
        for member in EnginePod.place(spec, usesGPU: group.gpus > 0).objectValue ?? JSONMembers() {
            predictor[member.key] = member.value
        }
        if let cache = spec.modelCache {
            predictor["volumes"] = [
                ["name": "model-cache", "persistentVolumeClaim": ["claimName": .string(cache.claim)]]
            ]
        }
        return [primary.manifest(metadata: metadata, ["spec": ["predictor": predictor]])]
    }

    private static func scales(_ spec: DeploymentSpec) -> Bool {
        spec.workers.replicas.minimum != nil || spec.workers.replicas.maximum != nil
    }

    private static func model(_ spec: DeploymentSpec, _ group: WorkerGroup, version: Int) -> JSONValue {
        let arguments = HuggingFaceServerCommand.options(spec, group)
        var model: JSONValue = [
            "modelFormat": ["name": "huggingface"],
            "args": .array(arguments.map { .string(LiteralText.escaped($0)) }),
        ]
        var environment = EnginePod.environment(spec)
        if !spec.environment.contains(where: { $0.name == routePrefix }) {
            // OpenAI's paths as every other engine has them, not below /openai.
            environment.append(["name": .string(routePrefix), "value": ""])
        }
        model["env"] = .array(environment)
        model["image"] = spec.image.map(JSONValue.string)
        model["resources"] = resources(spec, group)
        // Where KServe has no probe of its own in mind, an open port is taken for a model that is loaded.
        model["readinessProbe"] = probe("ready", every: 5, failures: 3)
        if version >= 2 {
            // While a model is loaded nothing is amiss; and a server that hangs is started anew.
            model["startupProbe"] = probe(
                "ready",
                every: EnginePod.startupPeriod,
                failures: EnginePod.startupFailures
            )
            model["livenessProbe"] = probe("live", every: 10, failures: 6)
        }
        if let cache = spec.modelCache {
            model["volumeMounts"] = [["name": "model-cache", "mountPath": .string(cache.mountPath)]]
        }
        return model
    }

    /// A check of what the server says of itself (Open Inference Protocol, health).
    private static func probe(_ what: String, every period: Int64, failures: Int64) -> JSONValue {
        [
            "httpGet": ["path": .string("/v2/health/\(what)"), "port": 8080],
            "periodSeconds": .integer(period), "timeoutSeconds": 5, "failureThreshold": .integer(failures),
        ]
    }

    static let routePrefix = "KSERVE_OPENAI_ROUTE_PREFIX"

    /// The runtime's own limits are one processor and 2 GiB, with which no model on a GPU is ever loaded.
    private static func resources(_ spec: DeploymentSpec, _ group: WorkerGroup) -> JSONValue {
        var resources = EnginePod.resources(spec, group)
        let gpus = max(1, group.gpus)
        if spec.resources.cpu == nil {
            resources[at: "requests", "cpu"] = "2"
            resources[at: "limits", "cpu"] = .string(String(8 * gpus))
        }
        if spec.resources.memory == nil {
            resources[at: "requests", "memory"] = "8Gi"
            resources[at: "limits", "memory"] = .string("\(64 * gpus)Gi")
        }
        return resources
    }
}
