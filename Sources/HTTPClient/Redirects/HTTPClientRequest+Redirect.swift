import HTTPTypes

/// A redirecting answer, and where it leads.
struct Redirect {
    var request: HTTPClientRequest
    var url: RequestURL
}

extension HTTPClientRequest {
    /// The request that a redirecting answer asks for (RFC 9110 §15.4); nil when the answer is to be handed on.
    ///
    /// - Throws: `HTTPClientError` of the kind `protocolViolation` when the redirect must not be followed.
    func following(_ response: HTTPClientResponse, from url: RequestURL) throws(HTTPClientError) -> Redirect?
    {
        guard case .follow(let limit, let credentialFields) = redirects,
            [301, 302, 303, 307, 308].contains(response.status.code),
            let location = response.headers[.location]
        else { return nil }
        let keepsMethod = keepsMethod(at: response.status.code)
        if keepsMethod, case .stream = body { return nil }
        func refusal(_ reason: String) -> HTTPClientError {
            HTTPClientError(.protocolViolation, host: url.authority, reason: reason)
        }
        guard limit > 0 else { throw refusal("too many redirects") }
        guard let target = try? url.following(location) else {
            throw refusal("a redirect leads to no usable URL")
        }
        guard url.scheme == "http" || target.scheme == "https" else {
            throw refusal("a redirect leads from https to http")
        }
        var next = self
        next.url = target.text
        next.redirects = .follow(limit: limit - 1, credentialFields: credentialFields)
        if !keepsMethod { next.becomeGet() }
        if target.origin != url.origin { next.dropCredentials(credentialFields) }
        return Redirect(request: next, url: target)
    }

    /// Whether the redirected request has the same method and body: always after 307 and 308; after 301 and 302 unless it is a
    /// POST, as all clients do (RFC 9110 §15.4.2, note); after 303 only for GET and HEAD.
    private func keepsMethod(at status: Int) -> Bool {
        switch status {
        case 307, 308: true
        case 303: method == .get || method == .head
        default: method != .post
        }
    }

    private mutating func becomeGet() {
        method = .get
        body = .none
        for name in [HTTPField.Name.contentType, .contentEncoding, .contentLanguage, .contentLocation] {
            headers[name] = nil
        }
    }

    private mutating func dropCredentials(_ names: Set<HTTPField.Name>) {
        for name in names.union([.authorization, .cookie, .proxyAuthorization]) { headers[name] = nil }
        tls.clientCertificate = nil
        tls.serverName = nil
        host = nil
    }
}
