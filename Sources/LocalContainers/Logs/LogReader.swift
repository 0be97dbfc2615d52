internal import CContainerShim
internal import Glibc

/// Reads a log from its oldest file to the end. Files are read on a queue of the reader's own, so that a slow disk holds up
/// nobody else; nothing runs while the reader waits.
actor LogReader {
    private let executor = QueueExecutor(label: "ingot.container-log")
    private let files: LogFiles
    private let follows: Bool
    private var filter: LogLineFilter
    private var changes: AsyncStream<Void>?
    /// The file that is read and those after it; only the first when all are read.
    private var open: ArraySlice<LogFile> = []
    private var buffer = [UInt8](repeating: 0, count: 65536)
    private var isDone = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ path: String, _ options: ContainerLogOptions) {
        files = LogFiles(path: path)
        follows = options.follow
        filter = LogLineFilter(options)
        isDone = filter.isSatisfied
    }

    /// Opens the files and finds the place where reading starts.
    func begin(tailLines: Int?) throws(ContainerLogError) {
        // Changes count from before the first look.
        if follows { changes = try FolderChanges.shared.subscribe(to: files.path.folderAndName.folder) }
        open = try files.open()[...]
        guard let tailLines else { return }
        var wanted = max(0, tailLines)
        var first = open.endIndex
        repeat {
            first -= 1
            wanted -= open[first].seek(toLast: wanted)
        } while wanted > 0 && first > open.startIndex
        open = open[first...]
    }

    /// The next bytes of what is wanted; nil at the end.
    func next() async -> [UInt8]? {
        while !isDone, !Task.isCancelled, let file = open.first {
            // Asked before the read: a writer that ends after the read has perhaps written meanwhile.
            let isBeingWritten = follows && ingot_log_is_being_written(file.descriptor)
            let count = read(file.descriptor, &buffer, buffer.count)
            if count > 0 {
                var output: [UInt8] = []
                filter.filter(buffer[..<count], into: &output)
                isDone = filter.isSatisfied
                if !output.isEmpty { return output }
            } else if let next = successor(of: file) {
                open = next
                filter.endFile()
            } else if isBeingWritten, !file.isRemoved {
                guard await hasChanged() else { break }
            } else {
                break
            }
        }
        isDone = true
        open = []
        changes = nil
        return nil
    }

    private func successor(of file: LogFile) -> ArraySlice<LogFile>? {
        if open.count > 1 { return open.dropFirst() }
        guard follows else { return nil }
        var status = stat()
        if stat(files.path, &status) == 0, LogFiles.Identity(status) == file.identity { return nil }
        return files.successor(of: file.identity).map { [$0] }
    }

    /// Waits for a change in the folder. False when there will be none, or the task was cancelled.
    private func hasChanged() async -> Bool {
        guard let changes else { return false }
        for await _ in changes { return true }
        return false
    }
}
