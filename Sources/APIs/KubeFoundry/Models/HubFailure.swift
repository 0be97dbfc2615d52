import HTTPServer
import HTTPTypes
import HuggingFace
import JSON

extension HTTPError {
    /// What the Hub's failure is answered with.
    init(_ error: HubError) {
        let (status, code): (HTTPResponse.Status, String) =
            switch error.kind {
            case .invalidRequest: (.badRequest, "VALIDATION_ERROR")
            case .notFound: (.notFound, "NOT_FOUND")
            case .unauthorized: (.unauthorized, "HUB_UNAUTHORIZED")
            case .gated: (error.status == 401 ? .unauthorized : .forbidden, "MODEL_GATED")
            case .forbidden: (.forbidden, "HUB_FORBIDDEN")
            case .rateLimited: (.tooManyRequests, "HUB_RATE_LIMITED")
            case .unavailable: (.badGateway, "HUB_UNAVAILABLE")
            case .timeout: (.gatewayTimeout, "HUB_TIMEOUT")
            case .unreachable, .cancelled: (.badGateway, "HUB_UNREACHABLE")
            case .badAnswer, .tooLarge: (.badGateway, "HUB_BAD_ANSWER")
            }
        var details: [(name: String, value: JSONValue)] = []
        if let status = error.status { details.append(("hubStatus", .integer(Int64(status)))) }
        if let code = error.code { details.append(("hubCode", .string(code))) }
        var fields: [HTTPField] = []
        // RFC 9110 §15.5.2 wants a challenge. It is the Hub's, for which its own token is the answer.
        if status == .unauthorized {
            fields.append(HTTPField(name: .wwwAuthenticate, value: #"Bearer realm="Hugging Face Hub""#))
        }
        if let pause = error.retryAfter {
            let seconds = pause.components.seconds + (pause.components.attoseconds > 0 ? 1 : 0)
            fields.append(HTTPField(name: .retryAfter, value: String(seconds)))
            details.append(("retryAfterSeconds", .integer(seconds)))
        }
        self.init(status, code: code, message: error.message, details: details, fields: fields)
    }
}

extension Request {
    /// The user's token for the Hub: that in `X-HF-Token`, else that in `Authorization` when it is one of the Hub's. Any other
    /// token there is meant for this server or for the cluster, and is shown to nobody.
    func hubToken() throws(HTTPError) -> HubToken? {
        let name = "X-HF-Token"
        if let field = HTTPField.Name(name), let text = self[field], !text.isEmpty {
            guard let token = HubToken(text) else {
                throw .badParameter(name, "expected an access token of the Hugging Face Hub")
            }
            return token
        }
        return self[.authorization].flatMap { HubToken(authorization: $0) }
    }
}
