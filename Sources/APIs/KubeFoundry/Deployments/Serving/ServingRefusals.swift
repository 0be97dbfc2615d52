import ControlPlane
import HTTPServer
import HTTPTypes
import JSON
import Kubernetes
import KubernetesModel

/// What the KubeFoundry API says when a deployment's model was not asked, or has failed.
extension HTTPError {
    /// The request did not reach the model.
    init(_ failure: ServingFailure) {
        switch failure {
        case .notServing(let text): self.init(.conflict, code: "CONFLICT", message: text)
        case .unavailable(let failure): self = .clusterUnavailable(failure.description)
        case .kubernetes(let error):
            let text = "the model cannot be asked: \(error)"
            switch error.status?.code {
            case nil where error.isUnavailable: self = .clusterUnavailable(text)
            case 401, 403: self.init(.forbidden, code: "FORBIDDEN", message: text)
            // The service has gone since the deployment was read.
            case 404: self.init(.conflict, code: "CONFLICT", message: text)
            default: self.init(.badGateway, code: "UPSTREAM_ERROR", message: text)
            }
        }
    }

    /// The model's server has answered with a status that is no success. One that is about the client's request stays.
    init(modelStatus status: HTTPResponse.Status, fields: HTTPFields, body: [UInt8]) {
        let said = Self.said(body)
        let message = said.isEmpty ? "the model answers with status \(status.code)" : said
        let details: [(String, JSONValue)] = [("modelStatus", .integer(Int64(status.code)))]
        switch status.code {
        case 400, 413, 415, 422:
            self.init(status, code: "VALIDATION_ERROR", message: message, details: details)
        case 404: self.init(status, code: "NOT_FOUND", message: message, details: details)
        case 409: self.init(status, code: "CONFLICT", message: message, details: details)
        // Its 401 and 403 are about what Ingot has shown it, not about what the client has shown Ingot.
        case 401, 403, ..<400, 500...:
            self.init(
                .badGateway,
                code: "UPSTREAM_ERROR",
                message: "the model's server failed with status \(status.code)"
                    + (said.isEmpty ? "" : ": \(said)"),
                details: details
            )
        default: self.init(status, code: "UPSTREAM_ERROR", message: message, details: details)
        }
        if let pause = fields[.retryAfter] { self.fields.append(HTTPField(name: .retryAfter, value: pause)) }
    }

    /// The words in a failure's body: of OpenAI's shape, of vLLM's old one, of FastAPI's, or plain text.
    private static func said(_ body: [UInt8]) -> String {
        guard let json = try? JSONValue(parsing: body) else {
            let line = String(decoding: body.prefix(400).map { $0 < 0x20 ? 0x20 : $0 }, as: UTF8.self)
            return line.split(separator: " ").joined(separator: " ")
        }
        for words in [json["error"]?["message"], json["error"], json["message"], json["detail"]] {
            if let words = words?.stringValue { return words }
        }
        return json["detail"]?.description ?? ""
    }
}
