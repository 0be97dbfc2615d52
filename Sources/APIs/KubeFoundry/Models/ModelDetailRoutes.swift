import ControlPlane
import HTTPServer
import HTTPTypes
import HuggingFace
import JSON

/// `GET /api/models/{org}/{name}` and `…/gguf-files`. The name's slash may stand in the path as it is or percent-encoded.
enum ModelDetailRoutes {
    static func routes(models: ModelSources) -> [Route] {
        // The same parameter's name on all paths: the router tries what follows it literally first.
        [
            detail(models, "/api/models/{model}", "getModelByID"),
            detail(models, "/api/models/{model}/{name}", "getModel"),
            files(models, "/api/models/{model}/gguf-files", "listGGUFFilesByID"),
            files(models, "/api/models/{model}/{name}/gguf-files", "listGGUFFiles"),
        ]
    }

    static func parameters(_ path: PathTemplate) -> [Route.Parameter] {
        let isSplit = path.description.contains("{name}")
        let model = Route.Parameter(
            .path,
            "model",
            isSplit ? "The owner" : "The whole name, its slash percent-encoded: `Qwen%2FQwen3-0.6B`",
            isRequired: true,
            schema: .string(pattern: isSplit ? "^[^/]+$" : "^[^/]+(/[^/]+)*$")
        )
        let name = Route.Parameter(
            .path,
            "name",
            "The name behind the slash",
            isRequired: true,
            schema: .string(pattern: "^[^/]+$")
        )
        return (isSplit ? [model, name] : [model]) + HubParameters.token
    }

    private static func detail(_ models: ModelSources, _ path: PathTemplate, _ operation: String) -> Route {
        Route(
            .get,
            path,
            access: .viewer,
            documentation: .init(
                operationID: operation,
                summary: "Tell what is known of a model",
                description: """
                    What the catalogue has, or the file on this machine, with what the Hub tells of it. Models that are in neither \
                    come from the Hub alone.
                    """,
                tag: "Models",
                parameters: parameters(path),
                answers: [
                    .init(200, "The model.", json: ModelDetail.self),
                    .init(
                        404,
                        "There is no such model, or the user may not know of it.",
                        json: ErrorBody.self
                    ),
                ] + HubParameters.failures
            ),
            handler: .asynchronous { request in
                Response(json: try await answer(models, modelID(request), try request.hubToken()))
            }
        )
    }

    private static func answer(_ models: ModelSources, _ id: String, _ token: HubToken?) async throws
        -> ModelDetail
    {
        if id.hasPrefix(LocalModel.idPrefix), let local = models.local {
            return ModelDetail(listed: try await localModel(id, local), hub: nil, problem: nil)
        }
        let listed = models.catalog.model(id).map { ListedModel(source: .catalog($0)) }
        // Images of this owner are in a container registry, not on the Hub.
        if listed != nil, id.hasPrefix("kaito/") {
            return ModelDetail(listed: listed, hub: nil, problem: nil)
        }
        let repository = try repository(id)
        do throws(HubError) {
            let hub = try await models.hubDetails(of: repository, token: token)
            return ModelDetail(listed: listed, hub: hub, problem: nil)
        } catch {
            // What the catalogue has is an answer, whatever the Hub says.
            guard listed != nil, error.kind != .cancelled else { throw HTTPError(error) }
            return ModelDetail(listed: listed, hub: nil, problem: error.message)
        }
    }

    private static func localModel(_ id: String, _ local: LocalModels) async throws -> ListedModel {
        let found: LocalModel?
        do throws(FolderFailure) {
            found = try await local.models().first { $0.id == id }
        } catch {
            throw HTTPError(
                .serviceUnavailable,
                code: "MODELS_UNREADABLE",
                message: "the models of this machine cannot be read: \(error.reason)"
            )
        }
        guard let found else {
            throw HTTPError(
                .notFound,
                code: "NOT_FOUND",
                message: "no file of this machine is the model \(id)"
            )
        }
        return ListedModel(source: .local(found))
    }

    private static func files(_ models: ModelSources, _ path: PathTemplate, _ operation: String) -> Route {
        Route(
            .get,
            path,
            access: .viewer,
            documentation: .init(
                operationID: operation,
                summary: "List the GGUF files of a repository on the Hub",
                tag: "Models",
                parameters: parameters(path),
                answers: [
                    .init(
                        200,
                        "The files; none when the repository has no such files.",
                        json: GGUFFileList.self
                    ),
                    .init(
                        404,
                        "There is no such repository, or the user may not know of it.",
                        json: ErrorBody.self
                    ),
                ] + HubParameters.failures
            ),
            handler: .asynchronous { request in
                let repository = try repository(modelID(request))
                let token = try request.hubToken()
                do throws(HubError) {
                    guard let hub = models.hub else { throw HubError(.unreachable, "no Hub is configured") }
                    let metadata = try await hub.metadata.metadata(of: repository, token: token)
                    let files = try await hub.metadata.files(of: metadata, token: token)
                    return Response(
                        json: GGUFFileList(
                            files: files.filter { $0.path.lowercased().hasSuffix(".gguf") }
                                .sorted { $0.path < $1.path }
                        )
                    )
                } catch {
                    throw HTTPError(error)
                }
            }
        )
    }

    /// The repository of that name. Where there can be none, there is none.
    static func repository(_ name: String) throws(HTTPError) -> RepositoryID {
        if let id = RepositoryID(name) { return id }
        throw HTTPError(
            .notFound,
            code: "NOT_FOUND",
            message: "model: no repository has such a name; one is called like Qwen/Qwen3-0.6B",
            details: [("parameter", "model")]
        )
    }

    /// The name, from one segment or two.
    static func modelID(_ request: Request) -> String {
        let model = request.parameters["model"] ?? ""
        return request.parameters["name"].map { "\(model)/\($0)" } ?? model
    }
}
