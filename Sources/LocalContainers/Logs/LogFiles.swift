internal import Glibc

/// The files of one log: `LOG`, which is written, and `LOG.1`, `LOG.2`, … which rotation has moved aside, the last the oldest.
struct LogFiles {
    /// A file whatever its name is at the moment.
    struct Identity: Hashable {
        let device: UInt64
        let inode: UInt64

        init(_ status: stat) {
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
        }
    }

    let path: String

    /// Opens all files, the oldest first. While they are rotated one may be missing or there twice; the latter is left out.
    ///
    /// - Throws: The error for the current file when there is no file at all.
    func open() throws(ContainerLogError) -> [LogFile] {
        var files: [LogFile] = []
        var code = ENOENT
        for name in names() {
            do {
                let file = try LogFile(name)
                if !files.contains(where: { $0.identity == file.identity }) { files.append(file) }
            } catch {
                if name == path { code = error.code }
            }
        }
        guard !files.isEmpty else { throw ContainerLogError(path: path, code: code) }
        return files
    }

    /// The file that was begun when this one was full; nil when there is none yet.
    func successor(of identity: Identity) -> LogFile? {
        // Rotation renames one file after the other, the oldest first, so that a list of names may show a file under two names
        // or none. What holds at both ends of a look is true.
        for _ in 0..<16 {
            guard let files = try? open() else { return nil }
            guard let index = files.firstIndex(where: { $0.identity == identity }) else {
                // It was the oldest, and rotated away since.
                if settled(files) { return files.first }
                continue
            }
            guard files.indices.contains(index + 1) else { return nil }
            if settled(files) { return files[index + 1] }
        }
        return nil
    }

    /// Whether the files are still what is found.
    private func settled(_ files: [LogFile]) -> Bool {
        guard let again = try? open() else { return false }
        return again.map(\.identity) == files.map(\.identity)
    }

    /// The names of the files, the oldest first.
    private func names() -> [String] {
        let (folder, name) = path.folderAndName
        guard let directory = opendir(folder) else { return [path] }
        defer { closedir(directory) }
        var numbers: [Int] = []
        while let entry = readdir(directory) {
            let found = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if found.hasPrefix("\(name)."), let number = Int(found.dropFirst(name.utf8.count + 1)), number > 0
            {
                numbers.append(number)
            }
        }
        return numbers.sorted(by: >).map { "\(path).\($0)" } + [path]
    }
}

/// One open file of a log. It is closed with its last reference.
final class LogFile {
    let descriptor: Int32
    let identity: LogFiles.Identity

    init(_ path: String) throws(ContainerLogError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
            throw ContainerLogError(path: path, code: errno)
        }
        identity = LogFiles.Identity(status)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Whether the file has no name any more: without a successor, the whole log was removed. The folder's own removal cannot
    /// be watched, since a file in it that is open keeps it.
    var isRemoved: Bool {
        var status = stat()
        return fstat(descriptor, &status) != 0 || status.st_nlink == 0
    }

    /// Sets the place from which is read to the beginning of the last so many lines.
    ///
    /// - Returns: The number of lines from there, fewer than wanted when the file has no more.
    func seek(toLast lines: Int) -> Int {
        var end = lseek(descriptor, 0, SEEK_END)
        var newlines = 0
        var buffer = [UInt8](repeating: 0, count: 65536)
        while end > 0 {
            let begin = max(0, end - buffer.count)
            let count = pread(descriptor, &buffer, end - begin, begin)
            guard count > 0 else { break }
            for index in stride(from: count - 1, through: 0, by: -1) where buffer[index] == 0x0A {
                // The newline of the line before the ones that are wanted.
                if newlines == lines {
                    lseek(descriptor, begin + index + 1, SEEK_SET)
                    return newlines
                }
                newlines += 1
            }
            end = begin
        }
        lseek(descriptor, 0, SEEK_SET)
        return newlines
    }
}

extension String {
    /// The folder and the name of a path.
    var folderAndName: (folder: String, name: String) {
        guard let slash = utf8.lastIndex(of: 0x2F) else { return (".", self) }
        let folder = slash == startIndex ? "/" : String(self[..<slash])
        return (folder, String(self[index(after: slash)...]))
    }
}
