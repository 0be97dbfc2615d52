import JSON

/// Where the pods of a deployment have models beside the Hub: the volume of the cache, and the folder of a model on the node.
struct ModelStorage {
    private let folders: [(name: String, volume: JSONValue, mount: JSONValue)]

    init(_ spec: DeploymentSpec) {
        var folders: [(name: String, volume: JSONValue, mount: JSONValue)] = []
        if let cache = spec.modelCache {
            folders.append(
                (
                    "model-cache", ["persistentVolumeClaim": ["claimName": .string(cache.claim)]],
                    ["mountPath": .string(cache.mountPath)]
                )
            )
        }
        if let folder = Self.folder(spec) {
            folders.append(
                (
                    "model", ["hostPath": ["path": .string(folder), "type": "Directory"]],
                    ["mountPath": .string(folder), "readOnly": true]
                )
            )
        }
        self.folders = folders
    }

    /// The volumes of a pod.
    var volumes: [JSONValue] { folders.map { Self.named($0.name, $0.volume) } }
    /// The mounts of its container.
    var mounts: [JSONValue] { folders.map { Self.named($0.name, $0.mount) } }

    /// The folder on the node that has the model; nil for a model of the Hub, or one on the volume of the cache.
    private static func folder(_ spec: DeploymentSpec) -> String? {
        guard let path = spec.model.path else { return nil }
        if let cache = spec.modelCache, path == cache.mountPath || path.hasPrefix(cache.mountPath + "/") {
            return nil
        }
        guard path.lowercased().hasSuffix(".gguf") else { return path }
        return "/" + path.split(separator: "/").dropLast().joined(separator: "/")
    }

    /// The object with its name in front.
    static func named(_ name: String, _ json: JSONValue) -> JSONValue {
        var object: JSONValue = ["name": .string(name)]
        for member in json.objectValue ?? JSONMembers() { object[member.key] = member.value }
        return object
    }
}
