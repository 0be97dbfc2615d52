internal import Crypto

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Files and folders below a folder.
enum FileTree {
    /// The paths of the regular files below a folder, in order. Links, sockets and the like are none.
    static func files(_ folder: String, below prefix: String = "") throws(BackupFailure) -> [String] {
        guard let directory = opendir(folder) else { throw .system(folder) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        var files: [String] = []
        for name in names.sorted() {
            var status = stat()
            guard lstat("\(folder)/\(name)", &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: files += try Self.files("\(folder)/\(name)", below: "\(prefix)\(name)/")
            case S_IFREG: files.append(prefix + name)
            default: continue
            }
        }
        return files
    }

    /// Makes the folders on the way to a file below `folder`, for this user only.
    static func makeFolders(for path: String, in folder: String) throws(BackupFailure) {
        var made = folder
        for part in path.split(separator: "/").dropLast() {
            made += "/\(part)"
            guard mkdir(made, 0o700) == 0 || errno == EEXIST else { throw .system(made) }
        }
    }

    /// Copies a file, for this user only, and returns its size and hash once the disk has it.
    @discardableResult
    static func copy(_ source: String, to target: String) throws(BackupFailure) -> (size: Int, hash: String) {
        let input = open(source, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { throw .system(source) }
        defer { close(input) }
        let output = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard output >= 0 else { throw .system(target) }
        defer { close(output) }
        let read = try read(input, source) { (bytes: ArraySlice<UInt8>) throws(BackupFailure) in
            var rest = bytes
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(output, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw .system(target) }
                rest = rest.dropFirst(count)
            }
        }
        guard fsync(output) == 0 else { throw .system(target) }
        return read
    }

    /// The size and the hash of a file.
    static func examine(_ path: String) throws(BackupFailure) -> (size: Int, hash: String) {
        let input = open(path, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { throw .system(path) }
        defer { close(input) }
        return try read(input, path) { (_: ArraySlice<UInt8>) throws(BackupFailure) in }
    }

    private static func read(
        _ input: Int32,
        _ path: String,
        _ take: (ArraySlice<UInt8>) throws(BackupFailure) -> Void
    ) throws(BackupFailure) -> (size: Int, hash: String) {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var hash = SHA256()
        var size = 0
        while true {
            let count = systemRead(input, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system(path) }
            guard count > 0 else { break }
            size += count
            hash.update(data: buffer[..<count])
            try take(buffer[..<count])
        }
        return (size, hexadecimal(hash.finalize()))
    }

    private static func hexadecimal(_ digest: some Sequence<UInt8>) -> String {
        digest.reduce(into: "") { text, byte in
            let digits = String(byte, radix: 16)
            text += digits.utf8.count == 1 ? "0" + digits : digits
        }
    }
}

/// `read(2)`, which has a method of the same name above.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}
