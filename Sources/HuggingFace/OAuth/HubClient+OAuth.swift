internal import HTTPClient
internal import HTTPTypes
internal import JSON
internal import Redaction

/// A token that somebody has got by signing in.
public struct HubGrant: Sendable {
    /// The token.
    public let token: HubToken
    /// For how many seconds it is good; nil where the Hub does not say.
    public let expiresIn: Int?
    /// What it may be used for, separated by spaces; nil where the Hub does not say.
    public let scope: String?
}

/// Why a code was not exchanged for a token. It shows neither.
public enum HubExchangeFailure: Error, Sendable, Hashable {
    /// The Hub refuses the code, the verifier or the redirect URI; its status and its words.
    case refused(status: Int, String)
    /// The Hub did not answer, or not as it should.
    case hub(HubError)
}

extension HubClient {
    /// What people sign in for.
    public static let scopes = ["openid", "profile", "read-repos"]

    /// Where people sign in.
    public var authorizeURL: String { configuration.endpoint.url + "/oauth/authorize" }

    /// Where somebody signs in, with all that the Hub has to know (RFC 6749 §4.1.1, RFC 7636 §4.3).
    public func authorizationURL(
        clientID: String,
        redirectURI: String,
        state: String,
        verifier: CodeVerifier
    ) -> String {
        authorizeURL + "?"
            + PercentEncoding.query([
                ("client_id", clientID), ("redirect_uri", redirectURI),
                ("scope", Self.scopes.joined(separator: " ")), ("response_type", "code"), ("state", state),
                ("code_challenge", verifier.challenge), ("code_challenge_method", "S256"),
            ])
    }

    /// Exchanges an authorization code for a token (RFC 6749 §4.1.3, RFC 7636 §4.5). It is asked once: a code is good once.
    public func exchange(
        code: String,
        verifier: CodeVerifier,
        clientID: String,
        redirectURI: String
    ) async throws(HubExchangeFailure) -> HubGrant {
        let form = PercentEncoding.query([
            ("grant_type", "authorization_code"), ("client_id", clientID), ("code", code),
            ("redirect_uri", redirectURI), ("code_verifier", verifier.text),
        ])
        var request = HTTPClientRequest(
            method: .post,
            url: configuration.endpoint.url + "/oauth/token",
            headers: [.contentType: "application/x-www-form-urlencoded", .accept: "application/json"],
            body: .bytes(Array(form.utf8))
        )
        request.destination = "huggingface"
        request.deadlines = HTTPClientDeadlines(
            connect: configuration.connect,
            total: configuration.deadline
        )
        let response: HTTPClientCollectedResponse
        do throws(HTTPClientError) {
            response = try await http.fetch(request, upTo: 1 << 20)
        } catch {
            throw .hub(HubError(error))
        }
        return try grant(response, hiding: [code, verifier.text])
    }

    private func grant(
        _ response: HTTPClientCollectedResponse,
        hiding secrets: [String]
    ) throws(HubExchangeFailure) -> HubGrant {
        let status = response.status.code
        let json = try? JSONValue(parsing: response.body)
        switch status {
        case 200: break
        case 400, 401, 403:
            throw .refused(status: status, Self.words(json, hiding: secrets))
        default:
            throw .hub(
                HubRefusal(status: status, headers: response.headers, body: [], token: nil).error
            )
        }
        guard let text = json?["access_token"]?.stringValue, let token = HubToken(text) else {
            throw .hub(HubError(.badAnswer, "the Hub's answer has no token", status: status))
        }
        if let type = json?["token_type"]?.stringValue, type.lowercased() != "bearer" {
            throw .hub(HubError(.badAnswer, "the Hub's token is not a bearer token", status: status))
        }
        return HubGrant(
            token: token,
            expiresIn: json?["expires_in"]?.integerValue.flatMap { Int(exactly: $0) },
            scope: json?["scope"]?.stringValue
        )
    }

    /// What an error says of itself (RFC 6749 §5.2), without what was sent.
    private static func words(_ json: JSONValue?, hiding secrets: [String]) -> String {
        let words = [json?["error"]?.stringValue, json?["error_description"]?.stringValue]
            .compactMap { $0 }.joined(separator: ": ")
        return String(
            decoding: Redaction(hiding: secrets).shown(words).utf8.prefix(300).map {
                $0 < 0x20 || $0 == 0x7F ? 0x20 : $0
            },
            as: UTF8.self
        )
    }
}
