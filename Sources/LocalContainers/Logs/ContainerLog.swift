/// The log of one run of a container, in the files that its shim writes and rotates.
public struct ContainerLog: Sendable, Hashable {
    /// The current file; older ones have `.1`, `.2`, … after it.
    public let path: String

    /// The log whose current file is at this path.
    public init(path: String) {
        self.path = path
    }

    /// Opens the log. What the container has written before it was rotated away is read first.
    ///
    /// With `follow` the bytes go on until the container ends, its folder is removed or the task is cancelled. A follower
    /// that is slower than the rotation misses what was deleted meanwhile.
    ///
    /// - Throws: When there is no such log, or it cannot be read.
    public func read(
        _ options: ContainerLogOptions = ContainerLogOptions()
    ) async throws(ContainerLogError) -> ContainerLogBytes {
        let reader = LogReader(path, options)
        try await reader.begin(tailLines: options.tailLines)
        return ContainerLogBytes(reader: reader)
    }
}

/// The bytes of a log, in chunks as they come. They can be read once.
public struct ContainerLogBytes: AsyncSequence, Sendable {
    /// A chunk, never empty.
    public typealias Element = [UInt8]
    /// A log that was opened can be read to its end.
    public typealias Failure = Never

    let reader: LogReader

    /// Reads chunk after chunk.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let reader: LogReader

        /// The next chunk; nil at the end.
        public mutating func next() async -> [UInt8]? {
            await reader.next()
        }

        /// The next chunk; nil at the end.
        public mutating func next(isolation actor: isolated (any Actor)?) async -> [UInt8]? {
            await reader.next()
        }
    }

    /// Reads on where the last iterator stopped.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(reader: reader)
    }

    /// All the rest of the log.
    public func collect() async -> [UInt8] {
        var bytes: [UInt8] = []
        for await chunk in self { bytes += chunk }
        return bytes
    }
}
