import ControlPlane
import HTTPServer
import HTTPTypes
import JSON
import Kubernetes
import KubernetesModel
import Runtimes

/// What the KubeFoundry API says to wishes about deployments that were not granted.
extension HTTPError {
    init(_ failure: DeploymentFailure) {
        switch failure {
        case .invalid(let problems): self.init(problems)
        case .notInstalled(let runtime, let text):
            self.init(
                .conflict,
                code: "PROVIDER_NOT_INSTALLED",
                message: text,
                details: [("provider", .string(runtime.rawValue))]
            )
        case .conflict(let text): self.init(.conflict, code: "CONFLICT", message: text)
        case .notFound(let text): self.init(.notFound, code: "NOT_FOUND", message: text)
        case .doesNotFit(let reasons):
            self.init(
                .unprocessableContent,
                code: "VALIDATION_ERROR",
                message: "nothing was made, since it would not fit: \(reasons.joined(separator: "; "))",
                details: [("reasons", .array(reasons.map(JSONValue.string)))]
            )
        case .kubernetes(let error, let doing): self.init(error, doing: doing)
        case .unavailable(let failure): self = .clusterUnavailable(failure.description)
        }
    }

    /// 400 that names each field.
    init(_ problems: [JSONFieldProblem]) {
        self.init(
            .badRequest,
            code: "VALIDATION_ERROR",
            message: problems.map(\.description).joined(separator: "; "),
            details: [
                (
                    "fields",
                    .array(problems.map { ["field": .string($0.path), "message": .string($0.message)] })
                )
            ]
        )
    }

    /// What the API server's refusal, or its silence, means for the caller.
    init(_ error: KubernetesError, doing: String) {
        let text = "cannot \(doing): \(error)"
        guard let status = error.status else {
            self = .clusterUnavailable(text)
            return
        }
        let causes = status.causes.map { cause -> JSONValue in
            ["field": .string(cause.field), "message": .string(cause.message)]
        }
        let details: [(String, JSONValue)] = causes.isEmpty ? [] : [("fields", .array(causes))]
        switch status.code {
        case 400, 413, 422:
            self.init(.badRequest, code: "VALIDATION_ERROR", message: text, details: details)
        case 401, 403: self.init(.forbidden, code: "FORBIDDEN", message: text)
        case 404: self.init(.notFound, code: "NOT_FOUND", message: text)
        case 409: self.init(.conflict, code: "CONFLICT", message: text)
        case 429, 503, 504: self = .clusterUnavailable(text)
        default: self.init(.badGateway, code: "UPSTREAM_ERROR", message: text, details: details)
        }
    }
}

extension Request {
    /// The body as JSON.
    ///
    /// - Throws: 400 for one that is none.
    func json() throws(HTTPError) -> JSONValue {
        do throws(JSONParseError) {
            return try JSONValue(parsing: body)
        } catch {
            throw HTTPError(
                .badRequest,
                code: "VALIDATION_ERROR",
                message: "the body is not JSON: \(error)"
            )
        }
    }
}
