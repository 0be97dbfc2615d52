import Capacity
import JSON
import KubernetesModel

/// The Ray cluster below a service (ray-operator/apis/ray/v1 of KubeRay 1.5 to 1.7): a head, and a group of workers for each part of
/// the model's work.
struct RayCluster {
    let spec: DeploymentSpec
    let version: Int

    /// Ray, and the image of that release with vLLM in it.
    private static let release = "2.58.0"
    private static let image = "rayproject/ray-llm:2.58.0-py312-cu130"

    /// What a worker asks for unless told otherwise.
    private static let workerCPU = "8"
    private static let workerMemory = "64Gi"

    /// Repeats the pods' tolerations, since KubeRay 1.6 and later do not look at these: where nothing else differs, no pod would have
    /// those that were changed (GenerateHashWithoutReplicasAndWorkersToDelete).
    private static let tolerations = "ingot.dev/tolerations"

    private var image: JSONValue { .string(spec.image ?? Self.image) }

    /// `rayClusterConfig`.
    var json: JSONValue {
        var json: JSONValue = [:]
        // An image of one's own may have another release; KubeRay does not need to know.
        if spec.image == nil { json["rayVersion"] = .string(Self.release) }
        // Serve says how many replicas there are; the autoscaler makes the workers that they need.
        json["enableInTreeAutoscaling"] = true
        json["headGroupSpec"] = [
            "rayStartParams": ["dashboard-host": "0.0.0.0", "num-gpus": "0"], "template": head,
        ]
        json["workerGroupSpecs"] = .array(spec.groups.map(group))
        return json
    }

    /// Where Ray's controllers, and Serve's ingress, run.
    private var head: JSONValue {
        let amounts: JSONValue = [
            "cpu": .string(spec.ray.headCPU), "memory": .string(spec.ray.headMemory),
        ]
        var container: JSONValue = [
            "name": "ray-head", "image": image,
            "ports": .array(
                [
                    ("gcs-server", 6379), ("dashboard", 8265), ("client", 10001),
                    ("serve", KubeRayRuntime.port),
                ].map { name, port in
                    [
                        "name": .string(name), "containerPort": .integer(Int64(port)), "protocol": "TCP",
                    ]
                }
            ),
        ]
        // Models' configurations are read here too; what is on the cache of the workers is not.
        var reader = spec
        reader.modelCache = nil
        let environment = EnginePod.environment(reader)
        if !environment.isEmpty { container["env"] = .array(environment) }
        container["resources"] = ["limits": amounts, "requests": amounts]
        var pod: JSONValue = ["containers": [container]]
        if !spec.tolerations.isEmpty { pod["tolerations"] = .array(spec.tolerations.map(\.json)) }
        return template(pod, .whole)
    }

    /// A group of workers: each of them holds one replica.
    private func group(_ group: WorkerGroup) -> JSONValue {
        let scaling = RayScaling(group.replicas)
        var parameters: JSONValue = [:]
        if let resource = ServeConfiguration.resource(group.role) {
            // `ray start` gets this through a shell, and parses what that leaves of it as JSON.
            let resources: JSONValue = [resource: 1]
            parameters["resources"] = .string(JSONValue.string(resources.description).description)
        }
        return [
            "groupName": .string(group.role == .whole ? "gpu-group" : "\(group.role.rawValue)-group"),
            "replicas": .integer(Int64(scaling.count)),
            "minReplicas": .integer(Int64(RayScaling.workers.lowerBound)),
            "maxReplicas": .integer(Int64(RayScaling.workers.upperBound)),
            "rayStartParams": parameters,
            "template": template(worker(group), group.role),
        ]
    }

    private func worker(_ group: WorkerGroup) -> JSONValue {
        var sized = spec
        sized.resources.cpu = spec.resources.cpu ?? Self.workerCPU
        sized.resources.memory = spec.resources.memory ?? Self.workerMemory
        var container: JSONValue = ["name": "ray-worker", "image": image]
        let environment = EnginePod.environment(spec)
        if !environment.isEmpty { container["env"] = .array(environment) }
        container["resources"] = EnginePod.resources(sized, group)
        var pod: JSONValue = [:]
        let storage = ModelStorage(spec)
        if !storage.volumes.isEmpty {
            container["volumeMounts"] = .array(storage.mounts)
            pod["volumes"] = .array(storage.volumes)
        }
        pod["containers"] = [container]
        for member in EnginePod.place(spec, usesGPU: true).objectValue ?? JSONMembers() {
            pod[member.key] = member.value
        }
        return pod
    }

    private func template(_ pod: JSONValue, _ role: WorkerGroup.Role) -> JSONValue {
        var metadata: JSONValue = ["labels": OwnMarks.labels(spec, role: role)]
        for (key, value) in spec.podAnnotations.sorted(by: { $0.key < $1.key }) {
            metadata[at: "annotations", key] = .string(value)
        }
        if !spec.tolerations.isEmpty {
            let tolerations = JSONValue.array(spec.tolerations.map(\.json)).description
            metadata[at: "annotations", Self.tolerations] = .string(tolerations)
        }
        return ["metadata": metadata, "spec": pod]
    }
}
