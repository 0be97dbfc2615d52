import Glibc

/// The folders of one pod on this machine.
struct PodFolder: Sendable, Hashable {
    struct Failure: Error, CustomStringConvertible {
        let path: String
        let code: Int32

        var description: String { "\(path): \(String(cString: strerror(code)))" }
    }

    let path: String

    /// - Parameter root: The folder of all pods.
    init(root: String, uid: String) {
        path = "\(root)/\(uid)"
    }

    func volume(_ name: String) -> String { "\(path)/volumes/\(name)" }
    func logs(_ container: String) -> String { "\(path)/logs/\(container)" }
    /// Where a container starts, and what its `HOME` and `TMPDIR` are.
    func work(_ container: String) -> String { "\(path)/scratch/\(container)" }

    /// Makes a folder and those above it.
    static func make(_ path: String, mode: mode_t = 0o750) throws(Failure) {
        var end = path.startIndex
        while end != path.endIndex {
            let slash = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
            if mkdir(String(path[..<slash]), mode) != 0, errno != EEXIST, errno != EROFS {
                throw Failure(path: path, code: errno)
            }
            end = slash
        }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw Failure(path: path, code: ENOTDIR)
        }
    }

    /// Writes a file, and the folders above it, so that a reader never sees half of it.
    static func write(_ bytes: [UInt8], to path: String, mode: mode_t) throws(Failure) {
        if let slash = path.lastIndex(of: "/") { try make(String(path[..<slash])) }
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw Failure(path: path, code: errno) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            guard count > 0 else {
                let code = errno
                close(descriptor)
                throw Failure(path: path, code: code)
            }
            written += count
        }
        fchmod(descriptor, mode)
        close(descriptor)
        guard rename(temporary, path) == 0 else { throw Failure(path: path, code: errno) }
    }

    /// Removes a folder with all that is in it. Links are removed, not followed.
    static func remove(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFDIR { for name in names(in: path) { remove("\(path)/\(name)") } }
        _ = Glibc.remove(path)
    }

    /// The names in a folder.
    static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
