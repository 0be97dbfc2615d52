import ControlPlane
import HTTPServer
import HTTPTypes
import JSON
import Kubernetes

/// `POST /api/deployments/{name}/chat`, `/api/deployments/{name}/v1/{path...}` and `GET /api/deployments/{name}/metrics`: what the
/// model of a deployment is asked.
enum DeploymentServingRoutes {
    static func routes(cluster: ClusterAccess) -> [Route] {
        let lookup = DeploymentLookup(cluster: cluster)
        return [chat(lookup), passOn(.get, lookup), passOn(.post, lookup), metrics(lookup)]
    }

    /// A chat may hold pictures.
    private static let largestBody = 64 << 20

    private static let failures: [Route.Answer] = [
        .init(400, "A parameter or the body is wrong.", json: ErrorBody.self),
        .init(403, "The cluster does not let Ingot ask services.", json: ErrorBody.self),
        .init(404, "There is no such deployment.", json: ErrorBody.self),
        .init(409, "The deployment does not run, or has no service that answers.", json: ErrorBody.self),
        .init(
            502,
            "`UPSTREAM_ERROR`: nothing answers behind the service, or the model's server fails.",
            json: ErrorBody.self
        ),
        .init(503, "The cluster has not been read yet, or cannot be reached.", json: ErrorBody.self),
    ]

    private static func chat(_ lookup: DeploymentLookup) -> Route {
        Route(
            .post,
            "/api/deployments/{name}/chat",
            access: .operator,
            documentation: .init(
                operationID: "chatWithDeployment",
                summary: "Chat with the model of a deployment",
                description: """
                    The body and the answer are those of OpenAI's chat completions, which come as server-sent events when `stream` is \
                    true. What the model's server says against the request keeps its status; its other failures are 502.
                    """,
                tag: "Deployments",
                parameters: DeploymentLookup.parameters,
                requestBody: .init(description: "The chat.", schema: ChatBody.jsonSchema),
                answers: [.init(200, "The model's answer.")] + failures
            ),
            bodyLimit: largestBody,
            endsWithClient: true,
            handler: .asynchronous { request in
                var known = Response()
                let record = try lookup.find(request, &known)
                let body = try ChatBody(request)
                let answer = try await refusing { () throws(ServingFailure) in
                    let model = try ServedModel(record, in: lookup.cluster)
                    let name = body.namesModel ? nil : await model.name()
                    return try await model.send(
                        .post,
                        "/v1/chat/completions",
                        parameters: ModelPath.parameters(request.query),
                        headers: ModelExchange.fields(for: request),
                        body: body.bytes(model: name)
                    )
                }
                guard (200..<300).contains(answer.status.code) else { throw await failure(answer) }
                return ModelExchange.response(answer)
            }
        )
    }

    private static func passOn(_ method: HTTPRequest.Method, _ lookup: DeploymentLookup) -> Route {
        Route(
            method,
            "/api/deployments/{name}/v1/{path...}",
            access: method == .get ? .viewer : .operator,
            documentation: .init(
                operationID: method == .get ? "readFromModel" : "askModel",
                summary: "Pass a request on to the OpenAI-compatible API of a deployment's model",
                description: """
                    OpenAI's clients take the path up to `/v1` as their base URL. What the model's server answers comes back as it is, \
                    its errors included; errors of this API mean that it was not reached. `Authorization` and cookies stay here.
                    """,
                tag: "Deployments",
                parameters: [
                    .init(.path, "path", "The path below `/v1`", isRequired: true, schema: .string())
                ] + DeploymentLookup.parameters,
                answers: [.init(200, "The model's answer.")] + failures
            ),
            bodyLimit: method == .get ? nil : largestBody,
            endsWithClient: true,
            handler: .asynchronous { request in
                var known = Response()
                let path = try ModelPath.of(request)
                let record = try lookup.find(request, &known)
                let answer = try await refusing { () throws(ServingFailure) in
                    try await ServedModel(record, in: lookup.cluster).send(
                        request.method,
                        path,
                        parameters: ModelPath.parameters(request.query),
                        headers: ModelExchange.fields(for: request),
                        body: request.body
                    )
                }
                // A redirection would lead to the API server.
                guard !(300..<400).contains(answer.status.code) else { throw await failure(answer) }
                return ModelExchange.response(answer)
            }
        )
    }

    private static func metrics(_ lookup: DeploymentLookup) -> Route {
        Route(
            .get,
            "/api/deployments/{name}/metrics",
            access: .viewer,
            documentation: .init(
                operationID: "getDeploymentMetrics",
                summary: "Tell what the programs of a deployment tell of themselves",
                description: """
                    Every sample with a finite value under the name that the engine has, and those that the web front end looks for \
                    under other names once more under these. Of several replicas the values are added up, those that are parts of a \
                    whole averaged; `replicas` says how many have answered.
                    """,
                tag: "Deployments",
                parameters: DeploymentLookup.parameters,
                answers: [.init(200, "The samples, or why there are none.", json: DeploymentMetricsBody.self)]
                    + DeploymentLookup.failures
            ),
            handler: .asynchronous { request in
                var known = Response()
                let record = try lookup.find(request, &known)
                let metrics = await ServedMetrics.of(record, in: lookup.cluster)
                return Response(json: DeploymentMetricsBody(metrics: metrics, time: .now()))
            }
        )
    }

    // MARK: Failures

    /// What `body` returns; its failure in the API's form.
    private static func refusing<Value>(
        _ body: () async throws(ServingFailure) -> Value
    ) async throws(HTTPError) -> Value {
        do throws(ServingFailure) {
            return try await body()
        } catch {
            throw HTTPError(error)
        }
    }

    /// What an answer means that is no success.
    private static func failure(_ answer: ProxiedAnswer) async -> HTTPError {
        let body = (try? await answer.body.collect(upTo: 1 << 20)) ?? []
        return HTTPError(modelStatus: answer.status, fields: answer.headers, body: body)
    }
}
