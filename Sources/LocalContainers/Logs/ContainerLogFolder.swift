internal import Glibc

/// The folder of a container's logs, one log for each run: `0.log`, `1.log`, … as the kubelet names them after the number of
/// restarts.
public struct ContainerLogFolder: Sendable, Hashable {
    /// The folder.
    public let path: String

    /// A folder that exists, or that `create` makes.
    public init(path: String) {
        self.path = path
    }

    /// Makes the folder and those above it that do not exist, for this user only.
    public func create() throws(ContainerLogError) {
        var end = path.startIndex
        while end != path.endIndex {
            let slash = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
            if mkdir(String(path[..<slash]), 0o750) != 0, errno != EEXIST {
                throw ContainerLogError(path: path, code: errno)
            }
            end = slash
        }
    }

    /// The log of the run after so many restarts. The previous run's (`kubectl logs --previous`) is the one before.
    public func log(restart: Int) -> ContainerLog {
        ContainerLog(path: "\(path)/\(restart).log")
    }

    /// Removes the logs of all runs before this one.
    public func removeLogs(before restart: Int) {
        guard let directory = opendir(path) else { return }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            let parts = name.split(separator: ".", maxSplits: 2)
            if parts.count >= 2, parts[1] == "log", let number = Int(parts[0]), number < restart {
                unlink("\(path)/\(name)")
            }
        }
    }
}
