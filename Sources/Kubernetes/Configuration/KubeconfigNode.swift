internal import JSON
internal import YAML

/// A value in a kubeconfig file, with what an error about it has to name.
struct KubeconfigNode {
    let file: KubeconfigFile
    let path: [YAMLNode.Step]
    let value: JSONValue

    /// An error about this value.
    func error(_ message: String) -> KubeconfigError {
        KubeconfigError(
            message,
            file: file.path,
            key: path.isEmpty ? nil : path.pathDescription,
            line: file.document.position(at: path).line
        )
    }

    private func expected(_ kind: String) -> KubeconfigError {
        error("\(kind) is expected here, not \(value.kindDescription)")
    }

    /// The value of that key; nil when it is absent or null.
    ///
    /// - Throws: when this is no mapping.
    subscript(key: String) -> KubeconfigNode? {
        get throws(KubeconfigError) {
            guard let members = value.objectValue else { throw expected("a mapping") }
            guard let member = members[key], !member.isNull else { return nil }
            return KubeconfigNode(file: file, path: path + [.key(key)], value: member)
        }
    }

    /// The elements of the sequence under that key; none when it is absent.
    func elements(_ key: String) throws(KubeconfigError) -> [KubeconfigNode] {
        guard let node = try self[key] else { return [] }
        guard let elements = node.value.arrayValue else { throw node.expected("a sequence") }
        return elements.enumerated().map { index, value in
            KubeconfigNode(file: file, path: node.path + [.index(index)], value: value)
        }
    }

    /// The text under that key; nil when it is absent or empty, which means the same in a kubeconfig.
    func text(_ key: String) throws(KubeconfigError) -> String? {
        guard let node = try self[key] else { return nil }
        guard let text = node.value.stringValue else { throw node.expected("a string") }
        return text.isEmpty ? nil : text
    }

    /// The text under that key.
    func requiredText(_ key: String) throws(KubeconfigError) -> String {
        guard let text = try text(key) else { throw error("the key \"\(key)\" is missing") }
        return text
    }

    /// The texts under that key.
    func texts(_ key: String) throws(KubeconfigError) -> [String] {
        try elements(key).map { (element) throws(KubeconfigError) in
            guard let text = element.value.stringValue else { throw element.expected("a string") }
            return text
        }
    }

    /// The truth value under that key; false when it is absent.
    func flag(_ key: String) throws(KubeconfigError) -> Bool {
        guard let node = try self[key] else { return false }
        guard let flag = node.value.boolValue else { throw node.expected("a boolean") }
        return flag
    }

    /// The decoded base64 under that key.
    func data(_ key: String) throws(KubeconfigError) -> [UInt8]? {
        guard let text = try text(key), let node = try self[key] else { return nil }
        guard let bytes = Base64.bytes(ofPasted: text) else { throw node.error("this is not base64") }
        return bytes
    }

    /// The path under that key, a relative one resolved against the file's directory.
    func filePath(_ key: String) throws(KubeconfigError) -> String? {
        try text(key).map(file.resolve)
    }

    /// What is either in the file or in another one, where what is in the file goes before.
    func material(_ key: String) throws(KubeconfigError) -> Material? {
        if let bytes = try data(key + "-data") { return .inline(bytes) }
        return try filePath(key).map { .file($0) }
    }
}

/// A certificate or a key: the bytes, or the file that holds them.
public enum Material: Sendable, Hashable {
    /// The bytes themselves.
    case inline([UInt8])
    /// The path of a file, which may be replaced while the program runs.
    case file(String)
}

/// A kubeconfig file that was read.
struct KubeconfigFile {
    let path: String
    let document: YAMLNode

    /// The whole document.
    var root: KubeconfigNode { KubeconfigNode(file: self, path: [], value: document.json) }

    /// A path in the file, a relative one resolved against the file's directory.
    func resolve(_ path: String) -> String {
        guard !path.hasPrefix("/"), let slash = self.path.utf8.lastIndex(of: 0x2F) else { return path }
        return "\(self.path[..<slash])/\(path)"
    }
}
