internal import Capacity

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A folder that cannot be read.
public struct FolderFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The folder.
    public let path: String
    /// Why, in words.
    public let reason: String

    /// The folder and the reason on one line.
    public var description: String { "\(path): \(reason)" }
}

/// Why a file's header could not be read.
struct HeaderFailure: Error, Hashable {
    let reason: String
}

/// What tells one state of a file from another.
struct FileState: Hashable {
    var path: String
    var byteCount: Int64
    var seconds: Int64
    var nanoseconds: Int64
}

/// A GGUF file below a folder.
struct GGUFFile: Hashable {
    /// The path below the folder.
    var path: String
    var name: GGUFFileName
    var state: FileState
}

/// Reads GGUF files below a folder. Blocks.
enum GGUFFolder {
    /// Folders deeper than this are not looked into.
    private static let deepest = 8
    /// The most entries of all folders that are looked at.
    private static let mostEntries = 100_000
    /// The first attempt reads so many bytes of a file.
    private static let firstRead = 1 << 20
    /// The longest header that is read.
    private static let longestHeader = 64 << 20

    /// Whether there is a file, also behind a symbolic link.
    static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Why a folder cannot be read; nil when it can.
    static func failure(of root: String) -> FolderFailure? {
        names(in: root) == nil ? FolderFailure(path: root, reason: String(cString: strerror(errno))) : nil
    }

    /// The files, also behind symbolic links to files; what is hidden is left out.
    ///
    /// - Parameter isFlat: whether the folders in it are left out.
    static func files(below root: String, isFlat: Bool = false) throws(FolderFailure) -> [GGUFFile] {
        var files: [GGUFFile] = []
        var left = mostEntries
        guard let names = names(in: root) else {
            throw FolderFailure(path: root, reason: String(cString: strerror(errno)))
        }
        var folders = [(path: "", names: names)]
        while let folder = folders.popLast() {
            for name in folder.names where !name.hasPrefix(".") {
                left -= 1
                guard left > 0 else { return files }
                let path = folder.path.isEmpty ? name : "\(folder.path)/\(name)"
                var status = stat()
                guard lstat("\(root)/\(path)", &status) == 0 else { continue }
                if status.st_mode & S_IFMT == S_IFDIR {
                    let isDeep =
                        isFlat || path.utf8.count { $0 == UInt8(ascii: "/") } >= deepest
                    // A link to a folder might lead in a circle; what may not be read is not there for us.
                    if !isDeep, let names = self.names(in: "\(root)/\(path)") {
                        folders.append((path, names))
                    }
                    continue
                }
                guard let fileName = GGUFFileName(name), stat("\(root)/\(path)", &status) == 0,
                    status.st_mode & S_IFMT == S_IFREG
                else { continue }
                files.append(GGUFFile(path: path, name: fileName, state: FileState(path, status)))
            }
        }
        return files
    }

    /// The names of a folder's entries; nil when it cannot be read. Names that are not UTF-8 are left out.
    private static func names(in path: String) -> [String]? {
        guard let folder = opendir(path) else { return nil }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(
                    to: CChar.self,
                    capacity: MemoryLayout.size(ofValue: pointer.pointee)
                ) {
                    String(validatingCString: $0)
                }
            }
            if let name, name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The header of a file.
    static func header(of path: String) throws(HeaderFailure) -> GGUFHeader {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw HeaderFailure(reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var wanted = firstRead
        while true {
            let isWhole = try read(descriptor, upTo: wanted, into: &bytes)
            do throws(GGUFFailure) {
                return try GGUFHeader(bytes)
            } catch .needsMoreBytes(let least)
                where !isWhole && least <= longestHeader && wanted < longestHeader
            {
                wanted = min(max(2 * wanted, least), longestHeader)
            } catch {
                throw HeaderFailure(reason: error.reason)
            }
        }
    }

    /// Reads on until there are so many bytes; whether the file ends there or before.
    private static func read(
        _ descriptor: Int32,
        upTo wanted: Int,
        into bytes: inout [UInt8]
    ) throws(HeaderFailure) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while bytes.count < wanted {
            let count = pread(
                descriptor,
                &buffer,
                min(buffer.count, wanted - bytes.count),
                off_t(bytes.count)
            )
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw HeaderFailure(reason: String(cString: strerror(errno))) }
            guard count > 0 else { return true }
            bytes += buffer[..<count]
        }
        return false
    }
}

extension GGUFFailure {
    /// What is wrong with the file, in words.
    var reason: String {
        switch self {
        case .notGGUF: "the file is no GGUF file"
        case .unsupportedVersion(let version): "the file has GGUF's version \(version), which is not known"
        case .needsMoreBytes: "the file ends within its header"
        case .malformed(let what): "the file's header is broken: \(what)"
        }
    }
}

extension FileState {
    fileprivate init(_ path: String, _ status: stat) {
        self.path = path
        byteCount = Int64(status.st_size)
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        seconds = Int64(time.tv_sec)
        nanoseconds = Int64(time.tv_nsec)
    }
}
