internal import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A copy of a data directory: its files in a folder, and a list of them with their hashes. All of it blocks.
public struct Backup: Sendable, Hashable {
    /// Where it is.
    public let path: String
    /// When it was made, RFC 3339.
    public let time: String
    /// The version of the program that made it.
    public let version: String
    /// How many files it has.
    public var count: Int { manifest.files.count }
    private let manifest: BackupManifest

    private init(_ path: String, _ manifest: BackupManifest) {
        self.path = path
        self.manifest = manifest
        time = manifest.time
        version = manifest.version
    }

    // MARK: Making

    /// Copies a data directory into a folder that does not exist yet. Databases are copied as SQLite copies them, whole and consistent;
    /// one that a server keeps for itself cannot be.
    ///
    /// - Throws: what could not be copied; the folder then has no list of files and is no backup.
    public static func make(
        of directory: String,
        at path: String,
        version: String
    ) throws(BackupFailure) -> Backup {
        let names = try FileTree.files(directory).filter { !isPassing($0) }
        guard mkdir(path, 0o700) == 0 else { throw .system(path) }
        let folder = "\(path)/\(BackupManifest.folder)"
        guard mkdir(folder, 0o700) == 0 else { throw .system(folder) }
        var files: [BackupManifest.File] = []
        for name in names {
            try FileTree.makeFolders(for: name, in: folder)
            let (source, target) = ("\(directory)/\(name)", "\(folder)/\(name)")
            if DatabaseCopy.isDatabase(name) {
                try DatabaseCopy.make(source, to: target)
                chmod(target, 0o600)
            } else {
                try FileTree.copy(source, to: target)
            }
            let (size, hash) = try FileTree.examine(target)
            files.append(BackupManifest.File(path: name, size: size, hash: hash))
        }
        let manifest = BackupManifest(time: Timestamp.now().description, version: version, files: files)
        try write(manifest, to: path)
        return Backup(path, manifest)
    }

    /// Whether a file means something to a running process only.
    private static func isPassing(_ name: String) -> Bool {
        let last = name.split(separator: "/").last ?? ""
        return DatabaseCopy.isPart(name) || last == "lock" || last.hasPrefix(".ingot-write-check-")
    }

    /// The list comes last: a backup without it is not whole.
    private static func write(_ manifest: BackupManifest, to path: String) throws(BackupFailure) {
        let name = "\(path)/\(BackupManifest.name)"
        let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(name) }
        defer { close(descriptor) }
        var rest = (manifest.json.encoded() + [0x0A])[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system(name) }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0 else { throw .system(name) }
        let folder = open(path, O_RDONLY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    // MARK: Reading

    /// The backup in a folder.
    public init(at path: String) throws(BackupFailure) {
        let name = "\(path)/\(BackupManifest.name)"
        guard let file = fopen(name, "re") else { throw .system(name) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        self.init(path, try BackupManifest(bytes, path: name))
    }

    /// What is wrong with the files: one that is missing, changed or too many, and a database that SQLite finds damaged. Empty when
    /// the backup is as it was made.
    public func defects() throws(BackupFailure) -> [String] {
        let folder = "\(path)/\(BackupManifest.folder)"
        let present = Set(try FileTree.files(folder))
        var defects: [String] = []
        for file in manifest.files {
            guard present.contains(file.path) else {
                defects.append("\(file.path): it is missing")
                continue
            }
            let (size, hash) = try FileTree.examine("\(folder)/\(file.path)")
            if size != file.size || hash != file.hash {
                defects.append("\(file.path): it is not the file that was copied")
            } else if DatabaseCopy.isDatabase(file.path),
                let defect = try DatabaseCopy.defect("\(folder)/\(file.path)")
            {
                defects.append("\(file.path): \(defect)")
            }
        }
        let listed = Set(manifest.files.map(\.path))
        return defects
            + present.subtracting(listed).sorted().map { "\($0): it is no file of the backup" }
    }

    /// Puts the files into a data directory that is empty or does not exist.
    public func restore(to directory: String) throws(BackupFailure) {
        if mkdir(directory, 0o700) != 0 {
            guard errno == EEXIST else { throw .system(directory) }
            guard try FileTree.files(directory).isEmpty else {
                throw BackupFailure("\(directory): it has files; move them away first")
            }
        }
        for file in manifest.files {
            try FileTree.makeFolders(for: file.path, in: directory)
            try FileTree.copy(
                "\(path)/\(BackupManifest.folder)/\(file.path)",
                to: "\(directory)/\(file.path)"
            )
        }
    }
}

/// `write(2)`, which has a method of the same name above.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
