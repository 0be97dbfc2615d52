public import HTTPClient
internal import HTTPTypes
internal import JSON

/// Asks a Hub. Every request only reads, so that it may be sent again when it fails in a way that may pass.
public final class HubClient: Sendable {
    /// How the Hub is asked.
    public let configuration: HubConfiguration
    let http: HTTPClient

    /// The longest answer of the API.
    private static let largestAnswer = 64 << 20

    /// A client for one Hub.
    public init(configuration: HubConfiguration, http: HTTPClient) {
        self.configuration = configuration
        self.http = http
    }

    // MARK: Asking

    /// The answer to a GET, as a whole. `notModified` (304) counts as an answer when the request has a condition.
    func answer(
        _ path: String,
        query: String = "",
        token: HubToken?,
        headers: HTTPFields = [:],
        upTo limit: Int? = nil
    ) async throws(HubError) -> HTTPClientCollectedResponse {
        let request = request(path, query: query, token: token, headers: headers)
        return try await retrying(request) { (request) async throws(HubError) in
            let response: HTTPClientCollectedResponse
            do throws(HTTPClientError) {
                response = try await self.http.fetch(request, upTo: limit ?? Self.largestAnswer)
            } catch {
                throw HubError(error)
            }
            if (200..<300).contains(response.status.code) { return response }
            if response.status == .notModified, headers[.ifNoneMatch] != nil { return response }
            throw HubRefusal(
                status: response.status.code,
                headers: response.headers,
                body: response.body,
                token: token
            ).error
        }
    }

    /// The JSON of an answer.
    func json(_ response: HTTPClientCollectedResponse) throws(HubError) -> JSONValue {
        do {
            return try JSONValue(parsing: response.body)
        } catch {
            throw HubError(.badAnswer, "the Hub's answer is not JSON: \(error)", status: response.status.code)
        }
    }

    /// A GET with the token, which goes to the Hub itself and to nowhere that it redirects to.
    func request(
        _ path: String,
        query: String = "",
        token: HubToken?,
        headers: HTTPFields = [:]
    ) -> HTTPClientRequest {
        let url = configuration.endpoint.url + path + (query.isEmpty ? "" : "?\(query)")
        var request = HTTPClientRequest(url: url, headers: headers)
        if let token { request.headers[.authorization] = token.authorization }
        request.redirects = .follow(limit: 5)
        request.destination = "huggingface"
        return request
    }

    /// The result of `attempt`, which is made again after a failure that may pass, as long as the time suffices.
    func retrying<Answer: Sendable>(
        _ request: HTTPClientRequest,
        _ attempt: (HTTPClientRequest) async throws(HubError) -> Answer
    ) async throws(HubError) -> Answer {
        let clock = ContinuousClock()
        let end = clock.now + configuration.deadline
        var request = request
        var policy = RetryPolicy()
        policy.attempts = configuration.attempts
        policy.maximumDelay = configuration.longestPause
        var pauses = policy.delays(using: SystemRandomNumberGenerator())
        while true {
            let rest = clock.now.duration(to: end)
            guard rest > .zero else { throw HubError(.timeout, "the Hub did not answer in time") }
            request.deadlines = HTTPClientDeadlines(
                connect: min(configuration.connect, rest),
                total: min(configuration.attempt, rest)
            )
            do {
                return try await attempt(request)
            } catch {
                guard error.isTransient, error.retryAfter ?? .zero <= configuration.longestPause,
                    let jitter = pauses.next()
                else { throw error }
                let pause = (error.retryAfter ?? .zero) + jitter
                guard pause < clock.now.duration(to: end) else { throw error }
                do {
                    try await http.configuration.clock.sleep(for: pause)
                } catch {
                    throw HubError.cancelled
                }
            }
        }
    }
}
