import JSON

/// Where the workers of an operator's runtime have models beside the Hub: the volume of the cache, and a model that is on the node.
struct ModelStorage {
    /// The volumes of a pod.
    let volumes: [JSONValue]
    /// The mounts of its container.
    let mounts: [JSONValue]

    init(_ spec: DeploymentSpec) {
        var folders = NodeModel(spec)?.volumes ?? []
        if let cache = spec.modelCache {
            folders.insert(
                (
                    ["name": "model-cache", "persistentVolumeClaim": ["claimName": .string(cache.claim)]],
                    ["name": "model-cache", "mountPath": .string(cache.mountPath)]
                ),
                at: 0
            )
        }
        volumes = folders.map(\.volume)
        mounts = folders.map(\.mount)
    }

    /// What is wrong with where a model is to lie.
    static func problems(of spec: DeploymentSpec) -> [JSONFieldProblem] {
        guard let path = NodeModel(spec)?.path, let problem = NodeModel.problem(ofFolder: path) else {
            return []
        }
        return [JSONFieldProblem("modelPath", problem)]
    }
}
