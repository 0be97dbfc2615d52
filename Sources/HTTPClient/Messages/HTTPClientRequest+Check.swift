import HTTPTypes

extension HTTPClientRequest {
    /// The fields that the client itself sends.
    private static let ownFields = [
        "host", "content-length", "transfer-encoding", "connection", "expect", "te", "upgrade",
    ]

    /// Refuses what cannot be sent.
    ///
    /// - Throws: `HTTPClientError` of the kind `invalidRequest`.
    func check(for url: RequestURL) throws(HTTPClientError) {
        func refusal(_ reason: String) -> HTTPClientError {
            HTTPClientError(.invalidRequest, host: url.authority, reason: reason)
        }
        for field in headers where Self.ownFields.contains(field.name.canonicalName) {
            throw refusal("the client itself sends the field \(field.name)")
        }
        if let host {
            let isText = host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            guard isText, !host.isEmpty else { throw refusal("the field Host cannot say what it is to say") }
        }
        guard method != .connect else { throw refusal("the method CONNECT is for proxies") }
        switch body {
        case .none: break
        case .bytes, .stream: guard method != .head else { throw refusal("a HEAD request has no body") }
        }
        if case .stream(let stream) = body, let length = stream.length, length < 0 {
            throw refusal("the length of the body is negative")
        }
    }
}
