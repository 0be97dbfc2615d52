import Glibc
import JSON
import KubernetesModel
import LocalContainers

/// The volumes of a pod on this machine: folders with what config maps, secrets and tokens hold.
///
/// A process has no file system of its own, so that nothing can be mounted at the paths that a pod names. Instead those paths
/// are replaced by the folders' wherever they stand in its command, arguments, environment and working directory.
struct PodVolumes: Sendable {
    /// Issues a token of a service account.
    typealias TokenSource = @Sendable (_ pod: KubernetesObject, _ source: JSONValue) -> String?

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let pod: KubernetesObject
    let state: ClusterState
    let folder: PodFolder
    let token: TokenSource

    /// Makes the folders of the volumes that a container mounts.
    ///
    /// - Parameter environment: The container's variables, to which `subPathExpr` may refer.
    /// - Returns: The container's paths and the folders that stand for them, the longest path first.
    func prepare(
        for container: JSONValue,
        environment: [String: String]
    ) throws(Failure) -> [(mount: String, folder: String)] {
        var paths: [(mount: String, folder: String)] = []
        for mount in container["volumeMounts"]?.arrayValue ?? [] {
            guard let name = mount["name"]?.stringValue, let path = mount["mountPath"]?.stringValue,
                let volume = (pod.spec["volumes"]?.arrayValue ?? []).first(where: {
                    $0["name"]?.stringValue == name
                })
            else { continue }
            var target = try make(volume, name)
            let sub =
                mount["subPath"]?.stringValue
                ?? (mount["subPathExpr"]?.stringValue).map { VariableReferences.expand($0, environment) }
            if let sub, !sub.isEmpty {
                guard !sub.split(separator: "/").contains("..") else {
                    throw Failure(description: "subPath \"\(sub)\" leaves its volume")
                }
                target += "/\(sub)"
                do throws(PodFolder.Failure) {
                    if access(target, F_OK) != 0 { try PodFolder.make(target) }
                } catch {
                    throw Failure(description: error.description)
                }
            }
            paths.append((path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path, target))
        }
        return paths.sorted { $0.mount.utf8.count > $1.mount.utf8.count }
    }

    /// Makes the folder of a volume, and returns its path.
    private func make(_ volume: JSONValue, _ name: String) throws(Failure) -> String {
        let path = folder.volume(name)
        do throws(PodFolder.Failure) {
            if let host = volume["hostPath"]?["path"]?.stringValue {
                try HostVolume.make(host, type: volume["hostPath"]?["type"]?.stringValue ?? "")
                return host
            }
            try PodFolder.make(path)
            if let source = volume["configMap"] {
                try write(.configMaps, source, source["name"], defaults: source, to: path)
            } else if let source = volume["secret"] {
                try write(.secrets, source, source["secretName"], defaults: source, to: path)
            } else if let source = volume["downwardAPI"] {
                try writeFields(source, to: path)
            } else if let projected = volume["projected"] {
                for source in projected["sources"]?.arrayValue ?? [] {
                    if let map = source["configMap"] {
                        try write(.configMaps, map, map["name"], defaults: projected, to: path)
                    }
                    if let secret = source["secret"] {
                        try write(.secrets, secret, secret["name"], defaults: projected, to: path)
                    }
                    if let fields = source["downwardAPI"] { try writeFields(fields, to: path) }
                    if let account = source["serviceAccountToken"], let token = token(pod, account) {
                        try PodFolder.write(
                            Array(token.utf8),
                            to: "\(path)/\(account["path"]?.stringValue ?? "token")",
                            mode: 0o600
                        )
                    }
                }
            }
            return path
        } catch {
            throw Failure(description: error.description)
        }
    }

    private func write(
        _ resource: GroupResource,
        _ source: JSONValue,
        _ name: JSONValue?,
        defaults: JSONValue,
        to path: String
    ) throws(PodFolder.Failure) {
        // What is absent is optional: the kubelet has looked before.
        guard let object = state.object(resource, pod.namespace, name?.stringValue ?? "") else { return }
        let mode = UInt32(clamping: defaults["defaultMode"]?.integerValue ?? 0o644)
        let data = ObjectData(object).bytes
        if let items = source["items"]?.arrayValue {
            for item in items {
                guard let key = item["key"]?.stringValue, let file = item["path"]?.stringValue,
                    let bytes = data[key], !file.split(separator: "/").contains("..")
                else { continue }
                let own = (item["mode"]?.integerValue).map { UInt32(clamping: $0) }
                try PodFolder.write(bytes, to: "\(path)/\(file)", mode: own ?? mode)
            }
        } else {
            for (key, bytes) in data { try PodFolder.write(bytes, to: "\(path)/\(key)", mode: mode) }
        }
    }

    private func writeFields(_ source: JSONValue, to path: String) throws(PodFolder.Failure) {
        let fields = PodField(pod, nil)
        for item in source["items"]?.arrayValue ?? [] {
            guard let file = item["path"]?.stringValue, !file.split(separator: "/").contains("..") else {
                continue
            }
            var text = ""
            if let field = item["fieldRef"]?["fieldPath"]?.stringValue {
                text = fields.value(at: field) ?? ""
            }
            if let resource = item["resourceFieldRef"] {
                text = fields.resource(resource, of: .null, in: state) ?? ""
            }
            try PodFolder.write(Array(text.utf8), to: "\(path)/\(file)", mode: 0o644)
        }
    }
}

/// Replaces a container's paths by the folders that stand for them.
struct MountedPaths: Sendable {
    /// The longest path first.
    let paths: [(mount: String, folder: String)]

    /// Replaces the paths in a text where one begins it or follows a character that cannot be within a path's name.
    func replace(in text: String) -> String {
        guard text.utf8.contains(0x2F), !paths.isEmpty else { return text }
        var result = ""
        var rest = text[...]
        var previous: Character?
        while let character = rest.first {
            if character == "/", previous.map({ !Self.isName($0) }) ?? true,
                let path = paths.first(where: { Self.begins(rest, with: $0.mount) })
            {
                result += path.folder
                rest = rest.dropFirst(path.mount.count)
                previous = path.mount.last
            } else {
                result.append(character)
                rest = rest.dropFirst()
                previous = character
            }
        }
        return result
    }

    private static func begins(_ text: Substring, with path: String) -> Bool {
        guard text.hasPrefix(path) else { return false }
        return text.dropFirst(path.count).first.map { $0 == "/" || !isName($0) } ?? true
    }

    private static func isName(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "._-/".contains(character)
    }
}
