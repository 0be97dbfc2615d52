/// What is wrong with the description of a cluster: a kubeconfig file, or what it refers to. It shows no secret.
public struct KubeconfigError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file; nil when the matter lies in no file.
    public var file: String?
    /// The key, such as `clusters[0].cluster.server`; nil when the matter lies in no single key.
    public var key: String?
    /// The line in the file, from 1, where it is known.
    public var line: Int?
    /// What is wrong, in words.
    public var message: String

    /// An account of what is wrong.
    public init(_ message: String, file: String? = nil, key: String? = nil, line: Int? = nil) {
        self.message = message
        self.file = file
        self.key = key
        self.line = line
    }

    /// Place and message in one line, such as `/etc/kube.yaml, line 4: clusters[0].cluster.server: a string is expected here`.
    public var description: String {
        var place = file ?? ""
        if let line { place += "\(place.isEmpty ? "" : ", ")line \(line)" }
        return [place, key ?? "", message].filter { !$0.isEmpty }.joined(separator: ": ")
    }
}
