/// A file of a repository.
public struct RepositoryFile: Sendable, Hashable {
    /// Its path from the repository's root.
    public var path: String
    /// Its size in bytes.
    public var size: Int64
    /// Its Git hash.
    public var blob: String?
    /// The SHA-256 hash of its bytes, where it is kept outside Git (LFS), as weights are.
    public var sha256: String?

    /// A file.
    public init(path: String, size: Int64, blob: String? = nil, sha256: String? = nil) {
        self.path = path
        self.size = size
        self.blob = blob
        self.sha256 = sha256
    }

    /// Its path behind the last slash.
    public var name: String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }
}
