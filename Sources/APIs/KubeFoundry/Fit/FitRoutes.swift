import Capacity
import ControlPlane
import HTTPServer
import HTTPTypes
import HuggingFace
import JSON

/// `POST /api/fit` and `GET /api/models/{org}/{name}/fit`.
enum FitRoutes {
    static func routes(fit: FitService) -> [Route] {
        [
            Route(
                .post,
                "/api/fit",
                access: .viewer,
                documentation: .init(
                    operationID: "estimateFit",
                    summary: "Tell whether a model fits on GPUs that are named, or on this cluster's",
                    description: """
                        Nothing is deployed. Docs/fit.md says what the body holds, what the answer means, and how large its errors are.
                        """,
                    tag: "Capacity",
                    parameters: HubParameters.token,
                    requestBody: .init(
                        description: "The model, the GPUs and what is to be served.",
                        schema: FitBody.jsonSchema
                    ),
                    answers: answers
                ),
                bodyLimit: 4 << 20,
                handler: .asynchronous { request in
                    let body: JSONValue
                    do throws(JSONParseError) {
                        // A configuration in it may have been written by Python.
                        body = try ModelEvidence.document(request.body)
                    } catch {
                        throw HTTPError(
                            .badRequest,
                            code: "VALIDATION_ERROR",
                            message: "the body is not JSON: \(error)"
                        )
                    }
                    return try await answer(fit, try document(body), try request.hubToken())
                }
            ),
            onCluster(fit, "/api/models/{model}/fit", "estimateModelFitByID"),
            onCluster(fit, "/api/models/{model}/{name}/fit", "estimateModelFit"),
        ]
    }

    private static let answers: [Route.Answer] =
        [
            .init(200, "Whether it fits, with the arithmetic.", json: FitAnswer.self),
            .init(404, "There is no such model, or the user may not know of it.", json: ErrorBody.self),
            .init(422, "What the Hub tells of the model cannot be understood.", json: ErrorBody.self),
            .init(503, "The cluster's GPUs are not known.", json: ErrorBody.self),
        ] + HubParameters.failures

    private static func onCluster(_ fit: FitService, _ path: PathTemplate, _ operation: String) -> Route {
        Route(
            .get,
            path,
            access: .viewer,
            documentation: .init(
                operationID: operation,
                summary: "Tell whether a model fits on this cluster's GPUs",
                tag: "Capacity",
                parameters: ModelDetailRoutes.parameters(path) + [
                    .init(.query, "engine", "The engine", schema: .enumeration(FitBody.engineNames)),
                    .init(
                        .query,
                        "file",
                        "The GGUF file of the repository",
                        schema: .string(minimumLength: 1)
                    ),
                    .init(
                        .query,
                        "context",
                        "The longest context, tokens",
                        schema: .integer(minimum: 1, maximum: 1 << 31)
                    ),
                    .init(
                        .query,
                        "concurrency",
                        "Requests of that length at once",
                        schema: .integer(minimum: 1, maximum: 1_000_000)
                    ),
                ],
                answers: answers
            ),
            handler: .asynchronous { request in
                let name = ModelDetailRoutes.modelID(request)
                let isLocal = name.hasPrefix(LocalModel.idPrefix)
                var question = FitQuestion(
                    model: isLocal ? name : try ModelDetailRoutes.repository(name).text
                )
                question.file = request.query["file"]
                question.nodeSelector = ""
                question.engine = request.query["engine"]
                question.contextLength = try request.query.integer("context", in: 1...(1 << 31))
                question.concurrency = try request.query.integer("concurrency", in: 1...1_000_000)
                return try await answer(fit, try document(question.json), try request.hubToken())
            }
        )
    }

    private static func document(_ body: JSONValue) throws(HTTPError) -> FitRequestDocument {
        do throws(FitRequestFailure) {
            return try FitRequestDocument(json: body)
        } catch {
            throw refused(error)
        }
    }

    private static func refused(_ failure: FitRequestFailure) -> HTTPError {
        HTTPError(
            .badRequest,
            code: "VALIDATION_ERROR",
            message: failure.description,
            details: [("field", .string(failure.path))]
        )
    }

    private static func answer(
        _ fit: FitService,
        _ document: FitRequestDocument,
        _ token: HubToken?
    ) async throws(HTTPError) -> Response {
        do throws(FitService.Failure) {
            let answer = try await fit.answer(document, token: token)
            return Response(json: FitAnswer(answer, explains: document.explains))
        } catch {
            switch error {
            case .invalid(let failure): throw refused(failure)
            case .hub(let failure): throw HTTPError(failure)
            case .model:
                throw HTTPError(
                    .unprocessableContent,
                    code: "MODEL_NOT_UNDERSTOOD",
                    message: error.description
                )
            case .noFile:
                throw HTTPError(.notFound, code: "NOT_FOUND", message: error.description)
            case .folder:
                throw HTTPError(
                    .serviceUnavailable,
                    code: "MODELS_UNREADABLE",
                    message: error.description
                )
            case .cluster:
                throw HTTPError(
                    .serviceUnavailable,
                    code: "CLUSTER_UNAVAILABLE",
                    message: error.description
                )
            }
        }
    }
}
