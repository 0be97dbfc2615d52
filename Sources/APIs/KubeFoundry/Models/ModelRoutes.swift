import Capacity
import ControlPlane
import HTTPServer
import HTTPTypes
import HuggingFace
import JSON

/// `GET /api/models`, `GET /api/models/search`, and what is known of one model.
enum ModelRoutes {
    static func routes(models: ModelSources) -> [Route] {
        [list(models), search(models)] + ModelDetailRoutes.routes(models: models)
    }

    private static func list(_ models: ModelSources) -> Route {
        Route(
            .get,
            "/api/models",
            access: .viewer,
            documentation: .init(
                operationID: "listModels",
                summary: "List the catalogue of models, and the models in files of this machine",
                description: "All of them, unless `limit` says otherwise.",
                tag: "Models",
                parameters: [
                    .init(
                        .query,
                        "search",
                        "Words that must all be in the name or the repository's name",
                        schema: .string
                    ),
                    .init(
                        .query,
                        "engine",
                        "The engine that must run them",
                        schema: .enumeration(InferenceEngine.allCases.map(\.rawValue))
                    ),
                    .init(.query, "limit", "The most models", schema: .integer(minimum: 1, maximum: 1000)),
                    .init(.query, "offset", "The place of the first", schema: .integer(minimum: 0)),
                ],
                answers: [
                    .init(200, "The models.", json: ModelList.self),
                    .init(400, "A parameter has a value that it cannot have.", json: ErrorBody.self),
                ]
            ),
            handler: listHandler(models)
        )
    }

    /// The catalogue is in memory; files are not.
    private static func listHandler(_ models: ModelSources) -> Route.Handler {
        let catalog = models.catalog.models.map { ListedModel(source: .catalog($0)) }
        guard let local = models.local else {
            return .immediate { request, response in
                response.setJSON(try ListQuery(request.query).list(catalog, warnings: []))
            }
        }
        return .asynchronous { request in
            let query = try ListQuery(request.query)
            var warnings: [String] = []
            var listed: [ListedModel] = []
            do throws(FolderFailure) {
                listed = try await local.models().map { ListedModel(source: .local($0)) }
            } catch {
                warnings.append("the models of this machine cannot be read: \(error.reason)")
            }
            return Response(json: query.list(listed + catalog, warnings: warnings))
        }
    }

    private static func search(_ models: ModelSources) -> Route {
        Route(
            .get,
            "/api/models/search",
            access: .viewer,
            documentation: .init(
                operationID: "searchModels",
                summary: "Search the Hugging Face Hub for models that an engine runs",
                description: """
                    Models for text generation alone, without those whose architectures no engine runs. Results are kept for a \
                    minute, for each user's token by itself.
                    """,
                tag: "Models",
                parameters: [
                    .init(
                        .query,
                        "q",
                        "Words that must be in the name",
                        isRequired: true,
                        schema: .string(minimumLength: 2, maximumLength: ModelSearch.longestText)
                    ),
                    .init(
                        .query,
                        "limit",
                        "The most models; 20 unless given",
                        schema: .integer(minimum: 1, maximum: 100)
                    ),
                    .init(
                        .query,
                        "offset",
                        "The place of the first; 0 unless given",
                        schema: .integer(minimum: 0)
                    ),
                ] + HubParameters.token,
                answers: [
                    .init(200, "The models.", json: ModelSearchAnswer.self),
                    .init(
                        400,
                        "A parameter is missing or has a value that it cannot have.",
                        json: ErrorBody.self
                    ),
                ] + HubParameters.failures
            ),
            handler: .asynchronous { request in
                let query = request.query
                let text = (query["q"] ?? "").split { $0.isWhitespace }.joined(separator: " ")
                guard text.count >= 2, text.utf8.count <= ModelSearch.longestText else {
                    throw HTTPError.badParameter(
                        "q",
                        "expected a text of 2 characters to \(ModelSearch.longestText) bytes to search for"
                    )
                }
                let limit = try query.integer("limit", in: ModelSearch.allowedLimits) ?? 20
                let offset = try query.integer("offset", in: 0 ... .max) ?? 0
                let token = try request.hubToken()
                do throws(HubError) {
                    guard let hub = models.hub else { throw HubError(.unreachable, "no Hub is configured") }
                    let results = try await hub.search.models(
                        matching: text,
                        offset: offset,
                        limit: limit,
                        token: token
                    )
                    return Response(json: ModelSearchAnswer(results, query: text))
                } catch {
                    throw HTTPError(error)
                }
            }
        )
    }
}

/// Which part of the list is asked for.
private struct ListQuery {
    let filter: ModelFilter
    let limit: Int?
    let offset: Int

    init(_ query: QueryParameters) throws(HTTPError) {
        var engine: InferenceEngine?
        if let name = query["engine"], !name.isEmpty {
            guard let known = InferenceEngine(parsing: name) else {
                let names = InferenceEngine.allCases.map(\.rawValue).joined(separator: ", ")
                throw .badParameter("engine", "expected one of \(names)")
            }
            engine = known
        }
        filter = ModelFilter(query["search"] ?? "", engine: engine)
        limit = try query.integer("limit", in: 1...1000)
        offset = try query.integer("offset", in: 0 ... .max) ?? 0
    }

    func list(_ models: [ListedModel], warnings: [String]) -> ModelList {
        let found = models.filter { filter.accepts(names: [$0.id, $0.name], engines: $0.engines) }
        let limit = limit ?? found.count
        let part = found.dropFirst(offset).prefix(limit)
        return ModelList(
            models: Array(part),
            page: .init(total: found.count, limit: limit, offset: offset),
            warnings: warnings
        )
    }
}

/// What the documentation of all routes that ask the Hub has.
enum HubParameters {
    static let token: [Route.Parameter] = [
        .init(
            .header,
            "X-HF-Token",
            "The user's token for the Hub, for what only the user may see",
            isSecret: true,
            schema: .string
        ),
        .init(
            .header,
            "Authorization",
            "`Bearer` and the user's token for the Hub; a token that is none of the Hub's (`hf_…`) is not passed on",
            isSecret: true,
            schema: .string
        ),
    ]

    static let failures: [Route.Answer] = [
        .init(401, "The Hub does not know the token, or wants one.", json: ErrorBody.self),
        .init(403, "The Hub does not let this user.", json: ErrorBody.self),
        .init(
            429,
            "The Hub has had too many requests; `Retry-After` says how long to wait.",
            json: ErrorBody.self
        ),
        .init(502, "The Hub cannot be reached, or fails.", json: ErrorBody.self),
        .init(504, "The Hub did not answer in time.", json: ErrorBody.self),
    ]
}
