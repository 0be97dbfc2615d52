internal import HTTPClient
internal import HTTPTypes
internal import JSON
internal import Redaction

/// An answer of the Hub that is no success.
struct HubRefusal {
    var status: Int
    var headers: HTTPFields
    var body: [UInt8]
    var token: HubToken?

    /// The error that the answer means. The Hub says what it means in `X-Error-Code` and `X-Error-Message`; it answers 401 for
    /// repositories that do not exist, too, so as not to tell of private ones (`huggingface_hub`, `hf_raise_for_status`).
    var error: HubError {
        let retryAfter = RateLimit.pause(headers, now: Timestamp.now().secondsSinceEpoch)
        return HubError(kind, message, status: status, code: code, retryAfter: retryAfter)
    }

    private var kind: HubError.Kind {
        switch (status, code) {
        case (_, "GatedRepo"): .gated
        case (_, "RepoNotFound"), (_, "RevisionNotFound"), (_, "EntryNotFound"), (404, _): .notFound
        case (401, _): .unauthorized
        case (403, _): .forbidden
        case (408, _), (504, _): .timeout
        case (429, _): .rateLimited
        case (500..., _): .unavailable
        case (400, _), (416, _): .invalidRequest
        default: .badAnswer
        }
    }

    private var code: String? { field("X-Error-Code") }

    /// What the Hub says, on one line and without the token; else what the status means.
    private var message: String {
        let said = field("X-Error-Message") ?? (try? JSONValue(parsing: body))?["error"]?.stringValue ?? ""
        // What is cut off must not leave the beginning of a token.
        let shown = Redaction(hiding: [token?.revealed()].compactMap(\.self)).shown(said)
        let text = String(
            decoding: shown.utf8.prefix(300).map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 },
            as: UTF8.self
        )
        if !text.isEmpty { return "the Hub answered with status \(status): \(text)" }
        return "the Hub answered with status \(status)"
    }

    private func field(_ name: String) -> String? {
        HTTPField.Name(name).flatMap { headers[$0] }
    }
}

/// What the Hub says about how many requests it takes.
enum RateLimit {
    /// How long to wait; nil when the Hub does not say. `Retry-After` (RFC 9110 §10.2.3) goes before `RateLimit`, whose `t` is the
    /// time until the quota is fresh, when its `r` says that nothing remains (draft-ietf-httpapi-ratelimit-headers-09; "Rate
    /// limits" in the Hub's documentation).
    static func pause(_ headers: HTTPFields, now: Int64) -> Duration? {
        if let pause = RetryAfter.delay(headers, now: now) { return pause }
        guard let name = HTTPField.Name("RateLimit"), let field = headers[name] else { return nil }
        for item in field.split(separator: ",") {
            var numbers: [Substring: Int64] = [:]
            for parameter in item.split(separator: ";").dropFirst() {
                let parts = parameter.split(separator: "=", maxSplits: 1).map { $0.drop { $0 == " " } }
                if parts.count == 2, let number = Int64(parts[1]) { numbers[parts[0]] = number }
            }
            if numbers["r"] == 0, let seconds = numbers["t"], seconds >= 0 {
                return .seconds(min(seconds, 1 << 40))
            }
        }
        return nil
    }
}

extension HubError {
    /// What a failed exchange means.
    init(_ error: HTTPClientError) {
        switch error.kind {
        case .timeout: self.init(.timeout, error.description)
        case .resolve, .connect, .tls, .cutOff: self.init(.unreachable, error.description)
        case .tooLarge: self.init(.tooLarge, error.description)
        case .protocolViolation: self.init(.badAnswer, error.description)
        case .cancelled: self = .cancelled
        case .invalidRequest, .requestBody: self.init(.invalidRequest, error.description)
        }
    }
}
