import HTTPServer
import HTTPTypes
import Kubernetes

/// What of a request's head a model's server is told, and what of its answer's head the client is.
enum ModelExchange {
    /// The fields that are passed on. Others say who the client is to Ingot (`Authorization`, `Cookie`), or would say it to the API
    /// server (`Impersonate-User`).
    private static let passedOn = [
        "Accept", "Accept-Language", "Content-Type", "Content-Encoding", "Idempotency-Key", "OpenAI-Beta",
        "OpenAI-Organization", "OpenAI-Project", "Traceparent", "Tracestate", "X-Data-Parallel-Rank",
        "X-Session-Id",
    ]
    .compactMap { HTTPField.Name($0) }

    /// The fields that are passed back, beside the content's type and length. Others are about the connection or would make a
    /// browser treat Ingot as it would treat the model's server (`Set-Cookie`).
    private static let passedBack = [
        "Content-Encoding", "Content-Language", "Content-Disposition", "Retry-After",
        "OpenAI-Processing-Ms", "OpenAI-Version", "Vary",
    ]
    .compactMap { HTTPField.Name($0) }

    private static let requestID = HTTPField.Name("X-Request-Id")
    private static let acceleratorBuffering = HTTPField.Name("X-Accel-Buffering")

    /// The fields for the model's server. The request's id makes its log tell the same of it as ours.
    static func fields(for request: Request) -> HTTPFields {
        var fields = HTTPFields()
        for name in passedOn {
            for value in request.values(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        if let requestID { fields[requestID] = request.id }
        return fields
    }

    /// The model's answer as ours: its status, type and bytes as they come. Proxies on the way to the client are told neither to
    /// compress nor to gather them.
    static func response(_ answer: ProxiedAnswer) -> Response {
        var response = Response(status: answer.status)
        response.contentType = answer.headers[.contentType].map(ContentType.init)
        for name in passedBack {
            for value in answer.headers[values: name] { response.add(name, value) }
        }
        response.add(.cacheControl, "no-store, no-transform")
        if let acceleratorBuffering { response.add(acceleratorBuffering, "no") }
        response.body = .stream(
            ResponseStream(answer.body, length: answer.headers[.contentLength].flatMap { Int($0) })
        )
        return response
    }
}
