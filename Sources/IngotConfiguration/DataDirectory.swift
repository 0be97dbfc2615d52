#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The directory in which the server keeps its data.
public enum DataDirectory {
    /// A directory that cannot be used; one line says which and why.
    public struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
        /// The directory.
        public let path: String
        /// Why it cannot be used, in words.
        public let reason: String

        /// The directory and the reason on one line.
        public var description: String { "data directory \(path.replacingControls): \(reason)" }
    }

    /// Makes sure that the directory exists and that files can be created in it. Missing directories on the way to it
    /// and itself are created for this user only (mode 0700); those that exist keep their mode.
    public static func prepare(_ path: String) throws(Failure) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw Failure(path: path, reason: "the path is empty or has a NUL in it")
        }
        for ancestor in ancestors(of: path) where mkdir(ancestor, 0o700) != 0 && errno != EEXIST {
            // Whatever is wrong above a directory that does exist is none of our business.
            let code = errno
            guard !isDirectory(ancestor) else { continue }
            throw Failure(path: path, reason: "cannot create \(ancestor.replacingControls): \(text(code))")
        }
        guard isDirectory(path) else { throw Failure(path: path, reason: "is not a directory") }
        try checkWritable(path)
    }

    private static func checkWritable(_ path: String) throws(Failure) {
        var template = Array((path + "/.ingot-write-check-XXXXXX").utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw Failure(path: path, reason: "cannot create a file in it: \(text(errno))")
        }
        close(descriptor)
        guard unlink(template) == 0 else {
            throw Failure(path: path, reason: "cannot remove a file from it: \(text(errno))")
        }
    }

    /// The directories on the way to `path`, and `path` itself, from the top.
    private static func ancestors(of path: String) -> [String] {
        var paths: [String] = []
        for index in path.indices where path[index] == "/" && index != path.startIndex {
            paths.append(String(path[..<index]))
        }
        return path.hasSuffix("/") ? paths : paths + [path]
    }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
