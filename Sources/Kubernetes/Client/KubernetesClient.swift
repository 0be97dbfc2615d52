public import HTTPClient
internal import HTTPTypes
internal import JSON
internal import KubernetesModel

/// Speaks with one API server.
///
/// Objects are JSON as they are on the wire. A namespace of nil stands for resources that have none and, in lists and watches,
/// for all namespaces.
public final class KubernetesClient: Sendable {
    /// Where the API server is and as whom it is asked.
    public let configuration: ClusterConfiguration
    let http: HTTPClient
    let credentials: CredentialSource
    let timing: Timing

    /// How often a request is sent again when the server says when to.
    private static let mostAttempts = 4
    /// A server that wants a longer pause is not waited for.
    private static let longestPause = Duration.seconds(10)

    /// A client for one API server.
    public init(configuration: ClusterConfiguration, http: HTTPClient, timing: Timing = .real) {
        self.configuration = configuration
        self.http = http
        self.timing = timing
        credentials = CredentialSource(configuration)
    }

    // MARK: Sending

    /// Sends a request. The answer's status is a good one, and its body is on its way.
    func send(_ call: APICall) async throws(KubernetesError) -> HTTPClientResponse {
        var attempt = 1
        while true {
            let response = try await sendAuthenticated(call)
            if (200..<300).contains(response.status.code) { return response }
            let error = await failure(response)
            guard attempt < Self.mostAttempts, call.waitsWhenTold, let pause = pause(after: error, of: call)
            else {
                throw error
            }
            attempt += 1
            do {
                try await timing.sleep(pause + pause * (0.1 * timing.random()))
            } catch {
                throw .unreachable(
                    HTTPClientError(.cancelled, host: configuration.server, reason: "cancelled")
                )
            }
        }
    }

    /// Sends a request, and once more with new credentials when the first ones are refused.
    func sendAuthenticated(_ call: APICall) async throws(KubernetesError) -> HTTPClientResponse {
        var shown = try await credentials.current()
        var response = try await sendOnce(call, shown)
        if response.status.code == 401, await credentials.renew(after: shown) {
            response.body.cancel()
            shown = try await credentials.current()
            response = try await sendOnce(call, shown)
        }
        return response
    }

    private func sendOnce(
        _ call: APICall,
        _ credentials: Credentials
    ) async throws(KubernetesError) -> HTTPClientResponse {
        var request = HTTPClientRequest(
            method: call.method,
            url: configuration.server + call.path + ResourcePath.query(call.parameters),
            headers: call.headers,
            body: call.body
        )
        if let authorization = credentials.authorization { request.headers[.authorization] = authorization }
        configuration.impersonation?.add(to: &request.headers)
        request.tls = credentials.tls
        request.proxy = configuration.proxy
        request.deadlines = call.deadlines
        request.acceptsCompression = call.acceptsCompression
        request.destination = "kubernetes"
        do {
            return try await http.send(request)
        } catch {
            throw .unreachable(error)
        }
    }

    /// How long to wait before another attempt, where one does no harm: 429 is sent before anything is done, 503 may be later.
    private func pause(after error: KubernetesError, of call: APICall) -> Duration? {
        guard let pause = error.retryAfter, pause <= Self.longestPause else { return nil }
        let isSafe = error.isTooManyRequests || (error.status?.code == 503 && call.method == .get)
        return isSafe ? pause : nil
    }

    // MARK: Answers

    /// Sends a request and takes the answer as a whole.
    func bytes(_ call: APICall) async throws(KubernetesError) -> [UInt8] {
        let response = try await send(call)
        do {
            return try await response.body.collect(upTo: call.largestAnswer)
        } catch {
            throw .unreachable(error)
        }
    }

    /// Sends a request and reads the answer's JSON.
    func json(_ call: APICall) async throws(KubernetesError) -> JSONValue {
        let bytes = try await bytes(call)
        do {
            return try JSONValue(parsing: bytes, maximumDepth: JSONScanner.deepest)
        } catch {
            throw .decoding("the answer to \(call.method) \(call.path) is not JSON: \(error)")
        }
    }

    /// What a bad answer says. What comes from a proxy on the way is no `Status`.
    private func failure(_ response: HTTPClientResponse) async -> KubernetesError {
        let code = response.status.code
        let body = (try? await response.body.collect(upTo: 1 << 20)) ?? []
        response.body.cancel()
        var status =
            (try? JSONValue(parsing: body)).flatMap { APIStatus(json: $0) }
            ?? APIStatus(
                code: code,
                reason: .ofCode(code),
                message: "the server answered with status \(code)\(Self.excerpt(body))"
            )
        status.code = code
        if status.retryAfterSeconds == nil, let field = response.headers[.retryAfter] {
            status.retryAfterSeconds = Int(field.trimmed).flatMap { $0 >= 0 ? $0 : nil }
        }
        return .status(status)
    }

    /// The beginning of a text that is no `Status`, on one line.
    private static func excerpt(_ body: [UInt8]) -> String {
        let text = String(decoding: body.prefix(200).map { $0 < 0x20 ? 0x20 : $0 }, as: UTF8.self).trimmed
        return text.isEmpty ? "" : ": \(text)"
    }
}

extension APIStatus.Reason {
    /// The reason that goes with an HTTP status where the server gives none.
    static func ofCode(_ code: Int) -> APIStatus.Reason {
        switch code {
        case 400: .badRequest
        case 401: .unauthorized
        case 403: .forbidden
        case 404: .notFound
        case 405: .methodNotAllowed
        case 406: .notAcceptable
        case 409: .conflict
        case 410: .gone
        case 413: .requestEntityTooLarge
        case 415: .unsupportedMediaType
        case 422: .invalid
        case 429: .tooManyRequests
        case 500: .internalError
        case 503: .serviceUnavailable
        case 504: .timeout
        default: .unknown
        }
    }
}

extension Impersonation {
    /// Adds the header fields that say whom to act as ("User impersonation" in the documentation of Kubernetes).
    func add(to headers: inout HTTPFields) {
        func append(_ name: String, _ value: String) {
            guard let name = HTTPField.Name(name) else { return }
            headers.append(HTTPField(name: name, value: value))
        }
        append("Impersonate-User", user)
        if let uid { append("Impersonate-Uid", uid) }
        for group in groups { append("Impersonate-Group", group) }
        for (key, values) in extra.sorted(by: { $0.key < $1.key }) {
            for value in values { append("Impersonate-Extra-\(PercentEncoding.encode(key))", value) }
        }
    }
}
