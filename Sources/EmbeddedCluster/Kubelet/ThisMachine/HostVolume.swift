import Glibc
import JSON

/// What this machine can give as a volume, and folders and files of its own among that (core/v1 HostPathType).
enum HostVolume {
    private static let kinds: Set<String> = [
        "configMap", "secret", "downwardAPI", "projected", "emptyDir", "hostPath",
    ]

    /// Why a volume cannot be there; nil when nothing stands against it. What may be made on demand is no problem.
    static func problem(of volume: JSONValue) -> String? {
        let members = volume.objectValue ?? JSONMembers()
        if let kind = members.first(where: { $0.key != "name" && !kinds.contains($0.key) })?.key {
            return "a volume of the kind \(kind) cannot be had on this machine; these can: "
                + kinds.sorted().joined(separator: ", ")
        }
        guard let source = volume["hostPath"], let path = source["path"]?.stringValue else { return nil }
        return problem(of: path, type: source["type"]?.stringValue ?? "")
    }

    /// The kubelet's check (upstream: pkg/volume/hostpath, checkTypeInternal).
    private static func problem(of path: String, type: String) -> String? {
        var status = stat()
        let isThere = stat(path, &status) == 0
        let wanted: (format: mode_t, text: String)
        switch type {
        case "Directory", "DirectoryOrCreate": wanted = (S_IFDIR, "directory")
        case "File", "FileOrCreate": wanted = (S_IFREG, "file")
        case "Socket": wanted = (S_IFSOCK, "socket file")
        case "CharDevice": wanted = (S_IFCHR, "character device")
        case "BlockDevice": wanted = (S_IFBLK, "block device")
        default: return nil
        }
        if !isThere, type.hasSuffix("OrCreate") { return nil }
        guard isThere, status.st_mode & S_IFMT == wanted.format else {
            return "hostPath type check failed: \(path) is not a \(wanted.text)"
        }
        return nil
    }

    /// Makes what a volume's type says is to be made.
    static func make(_ path: String, type: String) throws(PodFolder.Failure) {
        switch type {
        case "DirectoryOrCreate": try PodFolder.make(path, mode: 0o755)
        case "FileOrCreate":
            let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw PodFolder.Failure(path: path, code: errno) }
            close(descriptor)
        default: break
        }
    }
}
