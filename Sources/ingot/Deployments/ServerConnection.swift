import ArgumentParser
import HTTPClient
import HTTPTypes
import JSON

/// The way to a running server.
struct ServerConnection: Sendable {
    /// Its URL, without a slash at its end.
    let address: String
    let http: HTTPClient
    /// What is shown to the server; nil for nothing.
    var token: String?

    /// What a server has answered.
    struct Answer: Sendable {
        /// The document as it came.
        let text: String
        /// The document.
        let json: JSONValue
    }

    /// What is waited for longest is the Hub's answer about a model.
    private static let patience = Duration.seconds(120)

    /// Asks for something.
    ///
    /// - Parameters:
    ///   - path: the parts of the path, not yet percent-encoded.
    ///   - query: the parameters.
    func ask(
        _ method: HTTPRequest.Method,
        _ path: [String],
        query: [(String, String)] = [],
        headers: HTTPFields = [:],
        body: JSONValue? = nil
    ) async throws(ServerFailure) -> Answer {
        var request = request(method, path, query, body)
        for field in headers { request.headers.append(field) }
        request.headers[.accept] = "application/json"
        request.deadlines = HTTPClientDeadlines(total: Self.patience)
        let response: HTTPClientCollectedResponse
        do throws(HTTPClientError) {
            response = try await http.fetch(request, upTo: 256 * 1024 * 1024)
        } catch {
            throw .unreachable(address, error.reason)
        }
        guard response.status.kind == .successful else {
            throw refusal(response.status, response.body)
        }
        guard let json = try? JSONValue(parsing: response.body) else {
            throw .notUnderstood(address, "its answer is not JSON")
        }
        return Answer(text: String(decoding: response.body, as: UTF8.self), json: json)
    }

    /// Asks for something that goes on for as long as it likes, and hands on what comes.
    ///
    /// - Parameters:
    ///   - mediaType: the form in which it is wanted.
    ///   - take: takes a part of the answer.
    func follow(
        _ method: HTTPRequest.Method,
        _ path: [String],
        query: [(String, String)] = [],
        body: JSONValue? = nil,
        as mediaType: String,
        take: ([UInt8]) -> Void
    ) async throws(ServerFailure) {
        var request = request(method, path, query, body)
        request.headers[.accept] = mediaType
        let refused: ServerFailure?
        do throws(HTTPClientError) {
            let response = try await http.send(request)
            if response.status.kind == .successful {
                refused = nil
                var chunks = response.body.makeAsyncIterator()
                while let chunk = try await chunks.next() { take(chunk) }
            } else {
                refused = refusal(response.status, try await response.body.collect(upTo: 1 << 20))
            }
        } catch {
            throw .unreachable(address, error.reason)
        }
        if let refused { throw refused }
    }

    private func request(
        _ method: HTTPRequest.Method,
        _ path: [String],
        _ query: [(String, String)],
        _ body: JSONValue?
    ) -> HTTPClientRequest {
        var url = address + path.map { "/\(PercentEncoding.encode($0))" }.joined()
        if !query.isEmpty { url += "?" + PercentEncoding.query(query) }
        var request = HTTPClientRequest(method: method, url: url)
        if let token { request.headers[.authorization] = "Bearer \(token)" }
        if let body {
            request.headers[.contentType] = "application/json"
            request.body = .bytes(Array(body.description.utf8))
        }
        return request
    }

    private func refusal(_ status: HTTPResponse.Status, _ body: [UInt8]) -> ServerFailure {
        let json = try? JSONValue(parsing: body)
        guard let message = json?["error"]?.stringValue, let code = json?["code"]?.stringValue else {
            return .notUnderstood(address, "it answers with status \(status.code)")
        }
        return .refused(status: status.code, code: code, message: message)
    }
}

/// Why a server did not do what it was asked to.
enum ServerFailure: Error {
    /// It gave no answer: its address, and why.
    case unreachable(String, String)
    /// It said no.
    case refused(status: Int, code: String, message: String)
    /// What answers there is no Ingot: its address, and what it says.
    case notUnderstood(String, String)

    /// Whether there is no such thing, or not yet.
    var isNotFound: Bool {
        if case .refused(404, _, _) = self { true } else { false }
    }

    /// Whether the server has no answer just now.
    var isTemporary: Bool {
        if case .refused(503, _, _) = self { true } else { false }
    }

    /// Says what is wrong on standard error, and gives what a command throws to end the program.
    var exit: ExitCode {
        switch self {
        case .unreachable(let address, let reason):
            return ExitStatus.unavailable.failure(
                "no server answers at \(address): \(reason.printable); start it with `ingot serve`, or name another with --server"
            )
        case .notUnderstood(let address, let reason):
            return ExitStatus.unavailable.failure("what answers at \(address) is no Ingot: \(reason)")
        case .refused(422, _, let message):
            // As `ingot fit` ends when a model does not fit.
            ExitStatus.tell(message.printable)
            return ExitCode(1)
        case .refused(let status, let code, let message):
            return Self.exitStatus(status, code).failure(message.printable)
        }
    }

    private static func exitStatus(_ status: Int, _ code: String) -> ExitStatus {
        switch status {
        case 400, 413: .usage
        case 401, 403: .noPermission
        case 404: .noInput
        case 409: code == "PROVIDER_NOT_INSTALLED" ? .unavailable : .cannotCreate
        default: .unavailable
        }
    }
}

extension String {
    /// The text without control characters, which a terminal would obey.
    var printable: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { scalar in
                    let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
                    return isControl ? " " : scalar
                }
            )
        )
    }
}
