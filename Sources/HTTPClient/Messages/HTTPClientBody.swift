/// The body of an answer, chunk by chunk as it arrives.
///
/// It can be read once. Over HTTP/1.1 the server is held back while nobody reads (at most about 256 KB wait here); for HTTP/2
/// see `HTTPVersionPreference`. The transfer ends when the task that reads is cancelled, or nothing refers to the body and its
/// iterators any more.
public struct HTTPClientBody: AsyncSequence, Sendable {
    /// Some bytes of the body, one at least.
    public typealias Element = [UInt8]
    /// Why the rest of the body does not come.
    public typealias Failure = HTTPClientError

    /// Reads a body.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let source: BodySource

        /// The bytes that have arrived since the last call, or the first that arrive; nil at the body's end.
        public mutating func next() async throws(HTTPClientError) -> [UInt8]? {
            try await source.transfer.nextChunk()
        }

        /// The bytes that have arrived since the last call, or the first that arrive; nil at the body's end.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(HTTPClientError) -> [UInt8]? {
            try await source.transfer.nextChunk()
        }
    }

    let source: BodySource

    /// Begins to read.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(source: source)
    }

    /// The rest of the body at once.
    ///
    /// - Parameter limit: the most bytes to take.
    /// - Throws: `HTTPClientError`, with the kind `tooLarge` when there are more bytes than that; the transfer has ended then.
    public func collect(upTo limit: Int) async throws(HTTPClientError) -> [UInt8] {
        var bytes: [UInt8] = []
        while let chunk = try await source.transfer.nextChunk() {
            guard chunk.count <= limit - bytes.count else {
                let error = HTTPClientError(
                    .tooLarge,
                    host: source.transfer.host,
                    reason: "the answer has more than \(limit) bytes"
                )
                source.transfer.end(.failure(error))
                throw error
            }
            if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
        }
        return bytes
    }

    /// Ends the transfer, unless it has ended already.
    public func cancel() {
        source.transfer.cancel()
    }
}

/// What readers of a body hold: when it goes away, so does the transfer.
final class BodySource: Sendable {
    let transfer: Transfer
    /// The client lives as long as the bodies that it feeds.
    private let client: HTTPClient

    init(_ transfer: Transfer, client: HTTPClient) {
        self.transfer = transfer
        self.client = client
    }

    deinit {
        transfer.cancel()
    }
}

extension HTTPClientBody {
    /// Lets go of a body that nobody wants: a short one is received, so that its connection can serve again.
    func discard() async {
        _ = try? await collect(upTo: 64 * 1024)
    }
}
