import JSON

/// A model that lies on the nodes. Only what it is made of is brought into containers, to be read, and nothing else that nodes have.
struct NodeModel {
    /// The file or the folder.
    let path: String

    /// Nil for a model that comes from somewhere else, such as the Hub or the volume that caches models.
    init?(_ spec: DeploymentSpec) {
        guard let path = spec.model.path else { return nil }
        if let cache = spec.modelCache, path.hasPrefix(cache.mountPath + "/") { return nil }
        self.path = path
    }

    /// Whether it is a GGUF file, or the first of several.
    static func isFile(_ path: String) -> Bool { path.lowercased().hasSuffix(".gguf") }

    /// Its files where it is a GGUF file. Large ones are split: `name-00001-of-00003.gguf` (llama.cpp, `llama_split_path`).
    private var files: [String] {
        let ending = path.suffix(".gguf".utf8.count)
        let parts = path.dropLast(ending.utf8.count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count > 3, parts[parts.count - 2] == "of",
            parts.suffix(3).allSatisfy({ $0.utf8.count == 5 || $0 == "of" }),
            let count = Int(parts[parts.count - 1]), let first = Int(parts[parts.count - 3]), first == 1,
            (2...999).contains(count)
        else { return [path] }
        let stem = parts.dropLast(3).joined(separator: "-")
        return (1...count).map { number in
            let digits = String(number)
            return
                "\(stem)-\(String(repeating: "0", count: 5 - digits.utf8.count))\(digits)-of-\(parts[parts.count - 1])\(ending)"
        }
    }

    /// The volumes with their mounts: each file by itself, or the folder as a whole.
    var volumes: [(volume: JSONValue, mount: JSONValue)] {
        (Self.isFile(path) ? files : [path]).enumerated().map { index, path in
            let name: JSONValue = index == 0 ? "model" : .string("model-\(index + 1)")
            let type: JSONValue = Self.isFile(path) ? "File" : "Directory"
            return (
                ["name": name, "hostPath": ["path": .string(path), "type": type]],
                ["name": name, "mountPath": .string(path), "readOnly": true]
            )
        }
    }

    /// Folders of the system, of which a container must not see anything.
    private static let systemFolders = [
        "bin", "boot", "dev", "etc", "lib", "lib64", "proc", "run", "sbin", "sys", "usr",
        "var/lib/containerd",
        "var/lib/docker", "var/lib/etcd", "var/lib/kubelet", "var/lib/rancher", "var/log", "var/run",
    ]

    /// Why a folder cannot be a model; nil when nothing stands against it.
    static func problem(ofFolder path: String) -> String? {
        let steps = path.split(separator: "/").filter { $0 != "." }
        guard steps.count >= 2 else { return "must lie in a folder" }
        let plain = steps.joined(separator: "/")
        let isOfSystem = systemFolders.contains {
            plain == $0 || plain.hasPrefix($0 + "/") || $0.hasPrefix(plain + "/")
        }
        return isOfSystem ? "must not be in a folder of the system" : nil
    }
}
