public import HTTPClient
public import HTTPTypes
internal import JSON
internal import KubernetesModel

/// What a service or a pod behind the API server has answered, whatever its status.
public struct ProxiedAnswer: Sendable {
    /// The status.
    public var status: HTTPResponse.Status
    /// The header fields.
    public var headers: HTTPFields
    /// The body.
    public var body: ProxiedBody
}

/// The body of an answer from behind the API server, chunk by chunk as it comes. It can be read once, and the transfer ends when
/// nobody refers to it any more.
public struct ProxiedBody: AsyncSequence, Sendable {
    /// Some bytes, one at least.
    public typealias Element = [UInt8]
    /// Why the rest does not come.
    public typealias Failure = KubernetesError

    /// What was read already to see who answers.
    let beginning: [UInt8]
    /// What is yet to come; nil when that was all.
    let rest: HTTPClientBody?

    /// Begins to read.
    public func makeAsyncIterator() -> Iterator {
        Iterator(beginning: beginning, rest: rest?.makeAsyncIterator())
    }

    /// Reads the body.
    public struct Iterator: AsyncIteratorProtocol {
        var beginning: [UInt8]
        var rest: HTTPClientBody.AsyncIterator?

        /// The next bytes; nil at the end.
        public mutating func next() async throws(KubernetesError) -> [UInt8]? {
            try await next(isolation: nil)
        }

        /// The next bytes; nil at the end.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(KubernetesError) -> [UInt8]? {
            if !beginning.isEmpty {
                defer { beginning = [] }
                return beginning
            }
            do {
                return try await rest?.next(isolation: actor)
            } catch {
                throw .unreachable(error)
            }
        }
    }

    /// The whole body.
    ///
    /// - Throws: `KubernetesError`; it has the kind `tooLarge` when there are more bytes than the limit.
    public func collect(upTo limit: Int) async throws(KubernetesError) -> [UInt8] {
        do {
            return beginning + (try await rest?.collect(upTo: limit) ?? [])
        } catch {
            throw .unreachable(error)
        }
    }
}

extension KubernetesClient {
    /// The most bytes of an answer that is no success that are taken before it is passed on.
    private static let largestFailure = 1 << 20

    /// Passes a request on to a service or a pod by way of the API server, and its answer back, whatever its status. Nothing is
    /// sent twice, and nothing is compressed on the way.
    ///
    /// - Parameters:
    ///   - path: the path there with its query, percent-encoded, beginning with a slash.
    ///   - deadlines: how long things may take; a model may think for long before its first byte.
    /// - Throws: `KubernetesError`; a status is what the API server itself says, when it does not reach what is asked for.
    public func passOn(
        _ target: ProxyTarget,
        method: HTTPRequest.Method,
        path: String,
        headers: HTTPFields = [:],
        body: HTTPClientRequestBody = .none,
        deadlines: HTTPClientDeadlines = HTTPClientDeadlines()
    ) async throws(KubernetesError) -> ProxiedAnswer {
        var call = try Self.call(target, path)
        call.method = method
        call.headers = headers
        call.body = body
        call.deadlines = deadlines
        call.acceptsCompression = false
        let response = try await sendAuthenticated(call)
        var answer = ProxiedAnswer(
            status: response.status,
            headers: response.headers,
            body: ProxiedBody(beginning: [], rest: response.body)
        )
        guard response.status.code >= 400 else { return answer }
        let bytes = try await answer.body.collect(upTo: Self.largestFailure)
        if let status = (try? JSONValue(parsing: bytes)).flatMap({ APIStatus(json: $0) }) {
            throw .status(status)
        }
        answer.body = ProxiedBody(beginning: bytes, rest: nil)
        return answer
    }
}
