internal import HTTPClient
internal import HTTPTypes
internal import JSON

/// Fetches what an issuer publishes: its configuration (OpenID Connect Discovery §4) and its keys (RFC 7517).
struct IssuerDocuments: Sendable {
    let issuer: String
    let http: HTTPClient

    /// The most bytes of a document.
    private static let largest = 1 << 20

    /// The keys that the issuer signs with now.
    func keys() async throws(IdentityFailure) -> [SigningKey] {
        let base = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
        let configuration = try await document(base + "/.well-known/openid-configuration")
        // Discovery §4.3: else somebody else's configuration would be taken for the issuer's.
        guard configuration["issuer"]?.stringValue == issuer else {
            throw .unavailable("the configuration of the issuer is another issuer's")
        }
        guard let location = configuration["jwks_uri"]?.stringValue, Self.isSafe(location) else {
            throw .unavailable("the configuration of the issuer names no keys at an https address")
        }
        let keys = (try await document(location)["keys"]?.arrayValue ?? []).compactMap(SigningKey.init)
        guard !keys.isEmpty else {
            throw .unavailable("the issuer publishes no key for RS256 or ES256")
        }
        return keys
    }

    private func document(_ url: String) async throws(IdentityFailure) -> JSONValue {
        var request = HTTPClientRequest(method: .get, url: url)
        request.headers[.accept] = "application/json"
        request.deadlines = HTTPClientDeadlines(total: .seconds(10))
        let response: HTTPClientCollectedResponse
        do throws(HTTPClientError) {
            response = try await http.fetch(request, upTo: Self.largest)
        } catch {
            throw .unavailable("the issuer of the tokens cannot be asked for its keys: \(error.reason)")
        }
        guard response.status.code == 200, let json = try? JSONValue(parsing: response.body) else {
            throw .unavailable(
                "the issuer of the tokens does not give its keys: it answers with status \(response.status.code)"
            )
        }
        return json
    }

    /// Whether a document at that address cannot be changed on its way: with TLS, or from this machine.
    static func isSafe(_ url: String) -> Bool {
        if url.hasPrefix("https://") { return true }
        guard url.hasPrefix("http://") else { return false }
        let rest = url.dropFirst("http://".count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.contains("@") else { return false }
        let host =
            authority.hasPrefix("[")
            ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        return host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }
}
