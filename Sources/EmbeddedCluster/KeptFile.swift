internal import SmallFiles

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Small files that only their owner may read, replaced as a whole.
enum KeptFile {
    /// A file cannot be read or written.
    struct Failure: Error, CustomStringConvertible {
        let description: String

        init(_ action: String, _ path: String, _ reason: String = String(cString: strerror(errno))) {
            description = "cannot \(action) \(path): \(reason)"
        }
    }

    /// The content; nil when there is no such file.
    static func read(_ path: String) throws(Failure) -> [UInt8]? {
        do throws(SmallFile.Failure) {
            return try SmallFile.read(path)
        } catch {
            if error == .missing { return nil }
            throw Failure("read", path, error.description)
        }
    }

    /// Writes a file of mode 0600 under another name and puts it in the place of the old one, so that no reader sees half of it.
    static func write(_ content: [UInt8], to path: String) throws(Failure) {
        do throws(SmallFile.Failure) {
            try SmallFile.replace(path, with: content)
        } catch {
            throw Failure("write", path, error.description)
        }
    }

    /// Makes a folder that only its owner may enter, unless it is there.
    static func makeFolder(_ path: String) throws(Failure) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Failure("create", path) }
    }
}
