import Capacity
import ControlPlane
import HTTPServer
import HTTPTypes
import HuggingFace
import JSON

/// `GET /api/models`, `GET /api/models/search`, and what is known of one model.
enum ModelRoutes {
    static func routes(models: ModelSources) -> [Route] {
        [list(models), ModelSearchRoute.route(models: models)] + ModelDetailRoutes.routes(models: models)
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
                        "The engine that must run them; empty for any",
                        schema: .enumeration(InferenceEngine.allCases.map(\.rawValue) + [""])
                    ),
                ] + PageQuery.parameters("models"),
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
}

/// Which part of the list is asked for.
struct ListQuery {
    let filter: ModelFilter
    let page: PageQuery

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
        page = try PageQuery(query)
    }

    func list(_ models: [ListedModel], warnings: [String]) -> ModelList {
        let found = models.filter { filter.accepts(names: [$0.id, $0.name], engines: $0.engines) }
        let (part, pagination) = page.part(of: found)
        return ModelList(models: Array(part), page: pagination, warnings: warnings)
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
            schema: .string(pattern: "^[!-~]*$")
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
        .init(400, "A parameter is missing or has a value that it cannot have.", json: ErrorBody.self),
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
