public import Capacity
public import JSON
public import KubernetesModel

/// NVIDIA Dynamo: a DynamoGraphDeployment (nvidia.com/v1alpha1) of a frontend and workers, which Dynamo's operator brings up.
public enum DynamoRuntime: Runtime {
    /// Which one it is.
    public static let id = RuntimeID.dynamo
    /// The objects that stand for its deployments.
    public static let primary = ManifestType(
        "nvidia.com",
        "v1alpha1",
        "dynamographdeployments",
        kind: "DynamoGraphDeployment"
    )

    /// Grove, with which the operator may make the pods, takes no more characters for the names of a graph and a service together
    /// (grove/operator/internal/webhook, maxCombinedResourceNameLength).
    private static let namesLength = 45

    /// The engines that it runs in a mode.
    public static func engines(_ mode: ServingMode) -> [InferenceEngine] {
        [.vllm, .sglang, .tensorRTLLM]
    }

    /// What of a specification it cannot do.
    public static func problems(of spec: DeploymentSpec) -> [JSONFieldProblem] {
        var problems = parallelismProblems(of: spec) + ModelStorage.problems(of: spec)
        let longest = namesLength - DynamoService.frontendKey.utf8.count
        if spec.name.utf8.count > longest {
            problems.append(JSONFieldProblem("name", "must be at most \(longest) characters with dynamo"))
        }
        if let first = spec.name.utf8.first, (0x30...0x39).contains(first) {
            problems.append(
                JSONFieldProblem("name", "must begin with a letter: services are named after it")
            )
        }
        for group in spec.groups {
            let name = group.role == .whole ? "" : group.role.rawValue
            if group.gpus < 1 {
                let field = name.isEmpty ? "resources.gpu" : "\(name)Gpus"
                problems.append(JSONFieldProblem(field, "must be at least 1 with dynamo"))
            }
            for (bound, field) in [
                (group.replicas.minimum, "minReplicas"), (group.replicas.maximum, "maxReplicas"),
            ] where bound ?? group.replicas.count != group.replicas.count {
                let field = name.isEmpty ? field : name + "M" + field.dropFirst()
                problems.append(JSONFieldProblem(field, "cannot be used: dynamo does not scale by itself"))
            }
        }
        if spec.model.file != nil {
            problems.append(JSONFieldProblem("ggufFile", "cannot be served with dynamo"))
        }
        return problems + DynamoWorkerCommand.problems(of: spec)
    }

    /// The graph.
    public static func manifests(for spec: DeploymentSpec, version: Int) -> [Manifest] {
        var services: JSONValue = [
            DynamoService.frontendKey: DynamoService.frontend(spec, version: version)
        ]
        for group in spec.groups {
            services[DynamoService.key(group.role)] = DynamoService.worker(spec, group, version: version)
        }
        return [
            primary.manifest(
                metadata: OwnMarks.metadata(spec),
                ["spec": ["backendFramework": .string(spec.engine.rawValue), "services": services]]
            )
        ]
    }

    /// What a graph says.
    public static func read(_ object: KubernetesObject) -> DeploymentReading? {
        DynamoGraphReader(object).reading
    }
}
