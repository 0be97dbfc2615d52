/// The body of a request.
public enum HTTPClientRequestBody: Sendable {
    /// No body.
    case none
    /// Bytes that are there already.
    case bytes([UInt8])
    /// Bytes that come as they are made.
    case stream(HTTPClientBodyStream)

    /// A body whose chunks come from a sequence. The sequence is asked for more only as the server takes what it gave (at most
    /// one chunk and 64 KB wait), and its task is cancelled when the request ends early.
    ///
    /// - Parameters:
    ///   - chunks: the chunks. An error that it throws fails the request with `HTTPClientError.Kind.requestBody`.
    ///   - length: the number of bytes in all, where it is known. Without it HTTP/1.1 sends the body chunked.
    public static func stream<Chunks: AsyncSequence & Sendable>(
        _ chunks: Chunks,
        length: Int? = nil
    ) -> HTTPClientRequestBody where Chunks.Element == [UInt8] {
        .stream(HTTPClientBodyStream(chunks, length: length))
    }
}

/// A request's body that comes as it is made.
public struct HTTPClientBodyStream: Sendable {
    /// The number of bytes in all, where it is known.
    public let length: Int?
    /// Hands the chunks on, one after the other, each when the one before was taken.
    let forEachChunk: @Sendable (_ take: @Sendable ([UInt8]) async throws -> Void) async throws -> Void

    /// A stream of the chunks of a sequence.
    public init<Chunks: AsyncSequence & Sendable>(
        _ chunks: Chunks,
        length: Int? = nil
    ) where Chunks.Element == [UInt8] {
        self.length = length
        forEachChunk = { take in
            for try await chunk in chunks { try await take(chunk) }
        }
    }
}
