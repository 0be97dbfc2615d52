import ControlPlane
import HTTPServer
import HTTPTypes
import HuggingFace
import JSON
import Runtimes

/// `POST /api/deployments` and `…/preview`, `DELETE` and `PATCH /api/deployments/{name}`, `POST …/{name}/restart`, and
/// `GET …/{name}/manifest`: what is asked of the API server.
enum DeploymentWriteRoutes {
    static func routes(_ service: DeploymentService) -> [Route] {
        let lookup = DeploymentLookup(cluster: service.cluster)
        return [
            create(service), preview(service), delete(service, lookup), change(service, lookup),
            restart(service, lookup), manifest(service, lookup),
        ]
    }

    private static let writeFailures: [Route.Answer] = [
        .init(403, "The cluster does not let Ingot do that.", json: ErrorBody.self),
        .init(502, "The API server failed.", json: ErrorBody.self),
    ]

    private static let wishFailures: [Route.Answer] = [
        .init(400, "Fields are wrong; `details.fields` names each.", json: ErrorBody.self),
        .init(404, "The cluster has no such resource.", json: ErrorBody.self),
        .init(
            409,
            "`PROVIDER_NOT_INSTALLED`, or `CONFLICT` with a deployment of that name.",
            json: ErrorBody.self
        ),
        .init(503, "The cluster cannot be reached.", json: ErrorBody.self),
    ]

    private static let idempotencyKey = HTTPField.Name("Idempotency-Key")

    private static func create(_ service: DeploymentService) -> Route {
        Route(
            .post,
            "/api/deployments",
            access: .operator,
            documentation: .init(
                operationID: "createDeployment",
                summary: "Deploy a model",
                description: """
                    Provider, engine and namespace are chosen where the body leaves them out. Whether the model fits and the workers \
                    have places is looked at first; what is found is in `warnings`. Every object is tried by a dry run before the \
                    first is made, and a failure half-way takes back what was made. Like those to the other writes, the answer waits \
                    for up to a second until reads tell of the deployment.
                    """,
                tag: "Deployments",
                parameters: [
                    .init(.query, "strict", "Whether to refuse what is known not to fit", schema: .boolean),
                    .init(
                        .header,
                        "Idempotency-Key",
                        "A text that makes the same request known when it is sent again, which then has the same answer",
                        schema: .string(pattern: "^[!-~]{1,255}$")
                    ),
                ] + HubParameters.token,
                requestBody: .init(
                    description: "The deployment that is wished for.",
                    schema: DeploymentWish.jsonSchema
                ),
                answers: [
                    .init(201, "The deployment was made.", json: CreatedDeployment.self),
                    .init(422, "It would not fit, and `strict` was asked for.", json: ErrorBody.self),
                ] + wishFailures + writeFailures
            ),
            bodyLimit: 1 << 20,
            handler: .asynchronous { request in
                let isStrict = try isStrict(request)
                let wish = try wish(request)
                let key = try idempotencyKey(request)
                let token = try request.hubToken()
                let created = try await refusing { () throws(DeploymentFailure) in
                    try await service.create(
                        wish,
                        mark: key.map { IdempotencyMark(key: $0, body: request.body) },
                        token: token,
                        isStrict: isStrict
                    )
                }
                var response = Response(json: CreatedDeployment(created: created))
                response.status = .created
                return response
            }
        )
    }

    private static func preview(_ service: DeploymentService) -> Route {
        Route(
            .post,
            "/api/deployments/preview",
            access: .viewer,
            documentation: .init(
                operationID: "previewDeployment",
                summary: "Show what would be made of a wish for a deployment; nothing is made",
                tag: "Deployments",
                parameters: HubParameters.token,
                requestBody: .init(
                    description: "The deployment that is wished for.",
                    schema: DeploymentWish.jsonSchema
                ),
                answers: [.init(200, "What would be made.", json: DeploymentPreview.self)] + wishFailures
            ),
            bodyLimit: 1 << 20,
            handler: .asynchronous { request in
                let wish = try wish(request)
                let token = try request.hubToken()
                let plan = try await refusing { () throws(DeploymentFailure) in
                    try await service.planner.plan(wish, token: token, isPatient: true)
                }
                return Response(json: DeploymentPreview(plan: plan))
            }
        )
    }

    // MARK: One deployment

    private static func delete(_ service: DeploymentService, _ lookup: DeploymentLookup) -> Route {
        route(
            .delete,
            "/api/deployments/{name}",
            lookup,
            access: .operator,
            .init(
                operationID: "deleteDeployment",
                summary: "End a deployment and delete everything that belongs to it",
                tag: "Deployments",
                answers: [.init(200, "It is being ended.", json: DeletedDeployment.self)]
            )
        ) { (_, record) throws(DeploymentFailure) in
            if record.reading.isManaged { await service.cluster.logKeeper?.keepNow(record) }
            try await service.delete(record)
            return Response(json: DeletedDeployment())
        }
    }

    private static func change(_ service: DeploymentService, _ lookup: DeploymentLookup) -> Route {
        route(
            .patch,
            "/api/deployments/{name}",
            lookup,
            access: .operator,
            .init(
                operationID: "changeDeployment",
                summary: "Change a deployment in place",
                description:
                    "The body has the fields to change, as a JSON merge patch (RFC 7396). Name, namespace, provider, model, engine and "
                    + "mode cannot be changed.",
                tag: "Deployments",
                requestBody: .init(description: "The fields to change.", schema: DeploymentWish.patchSchema),
                answers: [.init(200, "It was changed.", json: ChangedDeployment.self)]
            ),
            bodyLimit: 1 << 20
        ) { (changes, record) throws(DeploymentFailure) in
            let changed = try await service.change(record, changes)
            return Response(json: ChangedDeployment(record: changed, message: "Deployment changed"))
        }
    }

    private static func restart(_ service: DeploymentService, _ lookup: DeploymentLookup) -> Route {
        route(
            .post,
            "/api/deployments/{name}/restart",
            lookup,
            access: .operator,
            .init(
                operationID: "restartDeployment",
                summary:
                    "Start the pods of a deployment anew, as its runtime does when their template changes",
                tag: "Deployments",
                answers: [.init(200, "Its pods are being replaced.", json: ChangedDeployment.self)]
            )
        ) { (_, record) throws(DeploymentFailure) in
            let changed = try await service.restart(record, at: .now())
            return Response(json: ChangedDeployment(record: changed, message: "Deployment restarts"))
        }
    }

    private static func manifest(_ service: DeploymentService, _ lookup: DeploymentLookup) -> Route {
        route(
            .get,
            "/api/deployments/{name}/manifest",
            lookup,
            access: .viewer,
            .init(
                operationID: "getDeploymentManifest",
                summary: "Show the objects of a deployment as the API server has them",
                description:
                    "Without `metadata.managedFields`. Of a deployment that Ingot has not made only the object that stands for it is shown.",
                tag: "Deployments",
                answers: [.init(200, "The objects.", json: DeploymentManifest.self)]
            )
        ) { (_, record) throws(DeploymentFailure) in
            Response(json: DeploymentManifest(manifests: try await service.objects(of: record)))
        }
    }

    /// A route that asks the API server about one deployment, with the parameters and failures that all of them have.
    ///
    /// - Parameter answer: makes the answer of the body, null where the route takes none, and the deployment.
    private static func route(
        _ method: HTTPRequest.Method,
        _ path: PathTemplate,
        _ lookup: DeploymentLookup,
        access: Route.Access,
        _ documentation: Route.Documentation,
        bodyLimit: Int? = nil,
        answer: @escaping @Sendable (JSONValue, DeploymentRecord) async throws(DeploymentFailure) -> Response
    ) -> Route {
        var documentation = documentation
        documentation.parameters = DeploymentLookup.parameters
        documentation.answers += DeploymentLookup.failures + writeFailures
        let takesBody = documentation.requestBody != nil
        return Route(
            method,
            path,
            access: access,
            documentation: documentation,
            bodyLimit: bodyLimit,
            handler: .asynchronous { request in
                var response = Response()
                let record = try lookup.find(request, &response)
                let body = takesBody ? try request.json() : .null
                return try await refusing { () throws(DeploymentFailure) in try await answer(body, record) }
            }
        )
    }

    // MARK: Parts

    /// Names that stand for something else in the place of a deployment's name in a path.
    private static let takenNames: Set<String> = ["events", "preview", "-"]

    private static func wish(_ request: Request) throws(HTTPError) -> DeploymentRequest {
        let body = try request.json()
        if let name = body["name"]?.stringValue, takenNames.contains(name) {
            throw HTTPError([
                JSONFieldProblem("name", "must not be \(name), which is a path of the API's own")
            ])
        }
        do throws(InvalidDeployment) {
            return try DeploymentRequest(json: body)
        } catch {
            throw HTTPError(error.problems)
        }
    }

    private static func isStrict(_ request: Request) throws(HTTPError) -> Bool {
        switch request.query["strict"] {
        case nil, "false": return false
        case "true": return true
        default: throw .badParameter("strict", "expected true or false")
        }
    }

    private static func idempotencyKey(_ request: Request) throws(HTTPError) -> String? {
        guard let name = idempotencyKey, let key = request[name] else { return nil }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .badParameter("Idempotency-Key", "expected 1 to 255 visible ASCII characters")
        }
        return key
    }

    /// What `body` returns; its failure in the API's form.
    private static func refusing<Value>(
        _ body: () async throws(DeploymentFailure) -> Value
    ) async throws(HTTPError) -> Value {
        do throws(DeploymentFailure) {
            return try await body()
        } catch {
            throw HTTPError(error)
        }
    }
}
