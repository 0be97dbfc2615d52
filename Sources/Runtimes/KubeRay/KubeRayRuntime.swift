public import Capacity
public import JSON
public import KubernetesModel
internal import YAML

/// Ray Serve through KubeRay: a RayService (ray.io/v1) whose application Ray builds from configurations of language models
/// (ray.serve.llm).
public enum KubeRayRuntime: Runtime {
    /// Which one it is.
    public static let id = RuntimeID.kuberay
    /// The objects that stand for its deployments.
    public static let primary = ManifestType("ray.io", "v1", "rayservices", kind: "RayService")

    /// KubeRay takes no longer names (ray-operator/controllers/ray/utils/constant.go, MaxRayServiceNameLength).
    private static let nameLength = 47
    /// Where Serve listens.
    static let port = 8000

    /// The engines that it runs in a mode.
    public static func engines(_ mode: ServingMode) -> [InferenceEngine] { [.vllm] }

    /// What of a specification it cannot do.
    public static func problems(of spec: DeploymentSpec) -> [JSONFieldProblem] {
        var problems = parallelismProblems(of: spec) + ModelStorage.problems(of: spec)
        if spec.name.utf8.count > nameLength {
            problems.append(
                JSONFieldProblem("name", "must be at most \(nameLength) characters with kuberay")
            )
        }
        if let first = spec.name.utf8.first, (0x30...0x39).contains(first) {
            problems.append(
                JSONFieldProblem("name", "must begin with a letter: services are named after it")
            )
        }
        for group in spec.groups {
            let isWhole = group.role == .whole
            if group.gpus < 1 {
                let field = isWhole ? "resources.gpu" : "\(group.role.rawValue)Gpus"
                problems.append(JSONFieldProblem(field, "must be at least 1 with kuberay"))
            }
            if group.replicas.count == 0, group.replicas.minimum == nil, group.replicas.maximum == nil {
                let field = isWhole ? "replicas" : "\(group.role.rawValue)Replicas"
                problems.append(
                    JSONFieldProblem(
                        field,
                        "must be at least 1 with kuberay, or bounded by a minimum of 0 and a maximum"
                    )
                )
            }
        }
        if spec.router == .roundRobin {
            problems.append(
                JSONFieldProblem("routerMode", "must be none or kv: Ray Serve has no other router")
            )
        }
        if !spec.extraArguments.isEmpty {
            problems.append(
                JSONFieldProblem("engineExtraArgs", "cannot be used: Ray has no command line, use engineArgs")
            )
        }
        for argument in spec.engineArguments {
            let name = argument.key.replacing("_", with: "-")
            guard name.hasPrefix("no-"), let field = EngineOption.fields[String(name.dropFirst(3))] else {
                continue
            }
            problems.append(
                JSONFieldProblem(
                    "engineArgs.\(argument.key)",
                    "is set by Ingot; use the field \(field) instead"
                )
            )
        }
        if spec.model.file != nil {
            problems.append(JSONFieldProblem("ggufFile", "cannot be served with kuberay"))
        }
        return problems
    }

    /// The service.
    public static func manifests(for spec: DeploymentSpec, version: Int) -> [Manifest] {
        let cluster = RayCluster(spec: spec, version: version)
        return [
            primary.manifest(
                metadata: OwnMarks.metadata(spec),
                [
                    "spec": [
                        "serveConfigV2": .string(ServeConfiguration(spec: spec).json.yaml),
                        "rayClusterConfig": cluster.json,
                    ]
                ]
            )
        ]
    }

    /// What a service says; nil when no language model is among its applications.
    public static func read(_ object: KubernetesObject) -> DeploymentReading? {
        RayServiceReader(object).reading
    }

    /// The head's service, in which KubeRay always has the port of Ray's metrics (`DefaultMetricsPort`); the service that answers
    /// has no such port.
    public static func metricsEndpoint(of reading: DeploymentReading) -> ServiceEndpoint? {
        ServiceEndpoint("\(reading.name)-head-svc", port: 8080)
    }
}
