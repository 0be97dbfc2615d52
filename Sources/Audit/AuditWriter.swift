import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Appends lines to the files of an audit log. Several processes may have the same log: each takes the lock of the folder for the time
/// of a write, and looks first where the others have got to. It is used from one thread at a time, which it may block.
struct AuditWriter: ~Copyable {
    private let files: AuditFiles
    private let fileSize: Int
    private let fileCount: Int
    private let lock: Int32

    /// The file that is written to, -1 before the first, and where the chain has got to.
    private var descriptor: Int32 = -1
    private var fileNumber = 0
    private var size = 0
    private var lineNumber = 0
    private var previous = AuditChain.beginning

    /// More than the longest line.
    private static let tail = 128 * 1024

    init(folder: String, fileSize: Int, fileCount: Int) throws(AuditFailure) {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw .system(folder) }
        let path = "\(folder)/lock"
        let lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw .system(path) }
        self.lock = lock
        self.files = AuditFiles(folder: folder)
        self.fileSize = fileSize
        self.fileCount = fileCount
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        close(lock)
    }

    /// Appends lines, which `make` makes from their numbers and the hashes of those before them, and returns when the disk has them.
    mutating func append(
        _ make: [(_ number: Int, _ previous: String) -> [UInt8]]
    ) throws(AuditFailure) {
        while flock(lock, LOCK_EX) != 0 {
            guard errno == EINTR else { throw .system(files.folder) }
        }
        defer { flock(lock, LOCK_UN) }
        try catchUp()
        var bytes: [UInt8] = []
        var (number, previous) = (lineNumber, previous)
        for line in make.map({ make -> [UInt8] in
            number += 1
            let line = make(number, previous)
            previous = AuditChain.hash(line)
            return line
        }) {
            bytes += line
            bytes.append(0x0A)
        }
        if size > 0, size + bytes.count > fileSize { try begin(fileNumber + 1) }
        try write(bytes)
        (lineNumber, self.previous) = (number, previous)
    }

    // MARK: Where the log has got to

    private mutating func catchUp() throws(AuditFailure) {
        let last = try files.numbers().last
        guard let last else {
            // A log that was taken away as a whole begins anew.
            (lineNumber, previous) = (0, AuditChain.beginning)
            try begin(1)
            return
        }
        if last == fileNumber, descriptor >= 0, Self.size(descriptor) == size { return }
        try read(last)
    }

    private mutating func read(_ number: Int) throws(AuditFailure) {
        try openFile(number)
        let path = files.path(number)
        let start = max(0, size - Self.tail)
        var bytes = [UInt8](repeating: 0, count: size - start)
        guard pread(descriptor, &bytes, bytes.count, off_t(start)) == bytes.count else {
            throw .system(path)
        }
        // A line without its end was never acknowledged: the process ended in the middle of writing it.
        let whole = bytes.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let torn = bytes.count - whole
        if torn > 0 {
            guard ftruncate(descriptor, off_t(size - torn)) == 0 else { throw .system(path) }
            size -= torn
        }
        if let line = bytes[..<whole].split(separator: 0x0A).last {
            guard let json = try? JSONValue(parsing: Array(line)), let count = json["number"]?.integerValue
            else { throw AuditFailure("\(path): the last line is no line of an audit log") }
            (lineNumber, previous) = (Int(count), AuditChain.hash(line))
        } else if number > 1, torn == 0 || size == 0, let before = try numberBefore(number) {
            // The file was begun, and its first line never came.
            try read(before)
            try openFile(number)
        } else {
            (lineNumber, previous) = (0, AuditChain.beginning)
        }
        if torn > 0 {
            let text = "a line that was not whole, \(torn) bytes, was removed from the end of the log"
            let line = AuditEntry.note(text, at: .now(), number: lineNumber + 1, previous: previous)
            try write(line + [0x0A])
            (lineNumber, previous) = (lineNumber + 1, AuditChain.hash(line))
        }
    }

    private func numberBefore(_ number: Int) throws(AuditFailure) -> Int? {
        try files.numbers().last { $0 < number }
    }

    // MARK: Files

    private mutating func begin(_ number: Int) throws(AuditFailure) {
        try openFile(number)
        let folder = open(files.folder, O_RDONLY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
        for old in try files.numbers().dropLast(fileCount) { unlink(files.path(old)) }
    }

    private mutating func openFile(_ number: Int) throws(AuditFailure) {
        if descriptor >= 0 { close(descriptor) }
        let path = files.path(number)
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(path) }
        fileNumber = number
        size = Self.size(descriptor)
    }

    private static func size(_ descriptor: Int32) -> Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : -1
    }

    private mutating func write(_ bytes: [UInt8]) throws(AuditFailure) {
        let path = files.path(fileNumber)
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                systemWrite(descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let failure = AuditFailure.system(path)
                // Half a line would break the chain of the next.
                if written > 0 { ftruncate(descriptor, off_t(size)) }
                throw failure
            }
            written += count
        }
        guard fdatasync(descriptor) == 0 else { throw .system(path) }
        size += bytes.count
    }
}

/// `write(2)`, which has a method of the same name above.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
