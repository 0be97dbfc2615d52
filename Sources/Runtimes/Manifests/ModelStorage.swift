import JSON

/// Where the pods of a deployment have models beside the Hub: the volume of the cache, and a model on the node.
struct ModelStorage {
    /// The volumes of a pod, each with its mount in the container.
    let folders: [(volume: JSONValue, mount: JSONValue)]

    init(_ spec: DeploymentSpec) {
        var folders: [(volume: JSONValue, mount: JSONValue)] = []
        if let cache = spec.modelCache {
            folders.append(
                (
                    ["name": "model-cache", "persistentVolumeClaim": ["claimName": .string(cache.claim)]],
                    ["name": "model-cache", "mountPath": .string(cache.mountPath)]
                )
            )
        }
        self.folders = folders + (NodeModel(spec)?.volumes ?? [])
    }

    /// The volumes of a pod.
    var volumes: [JSONValue] { folders.map(\.volume) }
    /// The mounts of its container.
    var mounts: [JSONValue] { folders.map(\.mount) }

    /// What is wrong with where a model is to lie.
    static func problems(of spec: DeploymentSpec) -> [JSONFieldProblem] {
        guard let path = NodeModel(spec)?.path, let problem = NodeModel.problem(ofFolder: path) else {
            return []
        }
        return [JSONFieldProblem("modelPath", problem)]
    }
}
