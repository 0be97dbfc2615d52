internal import HTTPClient
internal import HTTPTypes

/// Some bytes of a file.
public struct FileRange: Sendable, Hashable {
    /// The bytes: those that were asked for, or fewer where the file ends.
    public var bytes: [UInt8]
    /// The size of the whole file in bytes, where it is known.
    public var fileSize: Int64?
}

/// Whether the first bytes of a file suffice to read what they begin with.
public enum PrefixReading<Value: Sendable>: Sendable {
    /// They do.
    case complete(Value)
    /// At least so many bytes from the file's beginning are needed; more if that is no more than there are.
    case needs(Int)
}

extension HubClient {
    /// The most bytes that are read of a file whose server cannot send some of it.
    private static let mostWithoutRanges: Int64 = 128 << 20

    /// Some bytes of a file.
    ///
    /// - Parameter range: the places of the bytes in the file, from 0.
    /// - Throws: `HubError`; `invalidRequest` when the file ends before the range begins.
    public func bytes(
        _ range: Range<Int64>,
        of path: String,
        in id: RepositoryID,
        revision: Revision = .main,
        token: HubToken?
    ) async throws(HubError) -> FileRange {
        guard range.lowerBound >= 0, !range.isEmpty else {
            throw HubError(.invalidRequest, "a range of bytes must not be empty")
        }
        var request = request(
            try Self.filePath(path, id, revision),
            token: token,
            headers: [.range: "bytes=\(range.lowerBound)-\(range.upperBound - 1)"]
        )
        // A range counts bytes of the file, not of a compressed form of it.
        request.acceptsCompression = false
        return try await retrying(request) { (request) async throws(HubError) in
            try await self.exchange(request, range, token).get()
        }
    }

    /// One attempt to get some bytes.
    private func exchange(
        _ request: HTTPClientRequest,
        _ range: Range<Int64>,
        _ token: HubToken?
    ) async -> Result<FileRange, HubError> {
        do throws(HTTPClientError) {
            let response = try await self.http.send(request)
            defer { response.body.cancel() }
            switch response.status.code {
            case 206:
                let content = ContentRange(response.headers[.contentRange] ?? "")
                guard let content, content.start == range.lowerBound else {
                    return .failure(HubError(.badAnswer, "the Hub sent other bytes than were asked for"))
                }
                let bytes = try await response.body.first(Int(range.upperBound - range.lowerBound))
                guard bytes.count == min(content.end, range.upperBound) - range.lowerBound else {
                    return .failure(HubError(.badAnswer, "the Hub sent fewer bytes than it said"))
                }
                return .success(FileRange(bytes: bytes, fileSize: content.size))
            case 200:
                // A server may answer with the whole file (RFC 9110 §14.2), of which no more is read than is needed.
                guard range.upperBound <= Self.mostWithoutRanges else {
                    return .failure(
                        HubError(.badAnswer, "the Hub sends the whole of a file instead of some bytes")
                    )
                }
                let size = response.headers[.contentLength].flatMap { Int64($0) }
                let bytes = try await response.body.first(Int(range.upperBound))
                guard bytes.count > range.lowerBound else {
                    return .failure(HubError(.invalidRequest, "the file ends before the range begins"))
                }
                return .success(FileRange(bytes: Array(bytes[Int(range.lowerBound)...]), fileSize: size))
            default:
                let body = try await response.body.first(64 << 10)
                return .failure(
                    HubRefusal(
                        status: response.status.code,
                        headers: response.headers,
                        body: body,
                        token: token
                    ).error
                )
            }
        } catch {
            return .failure(HubError(error))
        }
    }

    /// What the first bytes of a file hold, read with as few requests as may be: the prefix grows until it suffices.
    ///
    /// - Parameters:
    ///   - first: how many bytes are asked for at first.
    ///   - limit: the most bytes that are asked for.
    ///   - read: reads the bytes that there are so far, and says how many it needs; throws when they are not what they should be.
    /// - Throws: `HubError`; `tooLarge` when the limit does not suffice, `badAnswer` when the file ends too early.
    public func prefix<Value: Sendable>(
        of path: String,
        in id: RepositoryID,
        revision: Revision = .main,
        token: HubToken?,
        first: Int = 100_000,
        upTo limit: Int,
        _ read: @Sendable ([UInt8]) throws(HubError) -> PrefixReading<Value>
    ) async throws(HubError) -> Value {
        var bytes: [UInt8] = []
        var wanted = min(max(first, 1), limit)
        while true {
            let part = try await self.bytes(
                Int64(bytes.count)..<Int64(wanted),
                of: path,
                in: id,
                revision: revision,
                token: token
            )
            bytes += part.bytes
            let isWhole = bytes.count < wanted || part.fileSize == Int64(bytes.count)
            switch try read(bytes) {
            case .complete(let value): return value
            case .needs(let count):
                guard !isWhole else {
                    throw HubError(.badAnswer, "\(path) of \(id) ends before what it begins with does")
                }
                guard count <= limit, bytes.count < limit else {
                    throw HubError(.tooLarge, "\(path) of \(id) begins with more than \(limit) bytes")
                }
                // At least twice as many, so that there are few requests where nobody knows how many are needed.
                wanted = count > bytes.count ? count : min(bytes.count * 2, limit)
            }
        }
    }
}

/// The field `Content-Range` of an answer with some bytes, RFC 9110 §14.4.
struct ContentRange {
    /// The place of the first byte.
    var start: Int64
    /// The place behind the last byte.
    var end: Int64
    /// The size of the whole; nil when the server does not know it.
    var size: Int64?

    init?(_ field: String) {
        guard field.hasPrefix("bytes ") else { return nil }
        let parts = field.dropFirst(6).split(separator: "/")
        let ends = parts.first?.split(separator: "-") ?? []
        guard parts.count == 2, ends.count == 2, let start = Int64(ends[0]), let last = Int64(ends[1]),
            0 <= start, start <= last, last < .max
        else { return nil }
        self.start = start
        end = last + 1
        size = Int64(parts[1])
    }
}

extension HTTPClientBody {
    /// The first bytes of the body, or all where there are fewer.
    func first(_ count: Int) async throws(HTTPClientError) -> [UInt8] {
        var bytes: [UInt8] = []
        var iterator = makeAsyncIterator()
        while bytes.count < count, let chunk = try await iterator.next() { bytes += chunk }
        return bytes.count > count ? Array(bytes.prefix(count)) : bytes
    }
}
