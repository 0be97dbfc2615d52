import HTTPClient
import HTTPServer
import HTTPTypes
import JSON
import KubernetesModel

/// The Kubernetes REST API over HTTP: finds what a path names and who asks, and leaves the rest to the handlers.
struct APIFront: Sendable {
    let api: ClusterAPI
    let authentication: Authentication
    let read: ReadHandler
    let watch: WatchHandler
    let write: WriteHandler
    let subresources: SubresourceHandler
    let nonResources: NonResourceHandler

    init(
        api: ClusterAPI,
        authentication: Authentication,
        commit: String,
        tokens: ServiceAccountTokens,
        logs: any PodLogSource,
        client: HTTPClient,
        clock: any Clock<Duration>
    ) {
        self.api = api
        self.authentication = authentication
        read = ReadHandler(api: api, pages: PagedLists(now: api.now))
        watch = WatchHandler(api: api, clock: clock)
        write = WriteHandler(api: api)
        subresources = SubresourceHandler(
            api: api,
            read: read,
            write: write,
            reviews: ReviewHandler(api: api, authentication: authentication, tokens: tokens),
            logs: logs,
            proxy: ProxyHandler(api: api, client: client)
        )
        nonResources = NonResourceHandler(
            api: api,
            openAPI: OpenAPIHandler(api: api),
            commit: commit,
            address: "127.0.0.1"
        )
    }

    /// The route table: every method below `/api` and `/apis`, and the paths that name no resource.
    func surface() -> Surface {
        var routes: [Route] = []
        for method in [HTTPRequest.Method.get, .post, .put, .patch, .delete] {
            routes.append(resourceRoute(method, "/api/{path...}", core: true))
            routes.append(resourceRoute(method, "/apis/{path...}", core: false))
        }
        routes += nonResources.routes(self)
        return Surface(
            name: "Kubernetes",
            routes: routes,
            errorSchema: APIStatus.jsonSchema,
            renderError: { failure, _, response in response.setJSON(APIStatus(failure)) }
        )
    }

    private func resourceRoute(_ method: HTTPRequest.Method, _ path: PathTemplate, core: Bool) -> Route {
        Route(
            method,
            path,
            access: .anyone,
            documentation: .init(
                operationID: "\(method.rawValue.lowercased())\(core ? "Core" : "Group")Resource",
                summary: "Kubernetes resources",
                tag: "Kubernetes",
                answers: []
            ),
            // As Go's server, and so the API server, takes it; a proxy passes the end on.
            endsWithClient: true,
            handler: .asynchronous { request in
                await answer(request) { (caller) throws(APIStatus) in
                    try await resource(request, core: core, caller)
                }
            }
        )
    }

    /// Runs a handler for a known caller and turns what it throws into the `Status` that clients read.
    func answer(
        _ request: Request,
        _ body: (Caller) async throws(APIStatus) -> Response
    ) async -> Response {
        do throws(APIStatus) {
            return try await body(try authentication.caller(of: request))
        } catch {
            var response = Response(status: .init(code: error.code), json: error)
            if error.code == 401 { response.add(.wwwAuthenticate, "Bearer realm=\"ingot\"") }
            if let seconds = error.retryAfterSeconds { response.add(.retryAfter, String(seconds)) }
            return response
        }
    }

    private func resource(_ request: Request, core: Bool, _ caller: Caller) async throws(APIStatus)
        -> Response
    {
        let rest = request.parameters["path"] ?? ""
        let segments = rest.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if let discovery = try nonResources.discovery(core: core, segments: segments, request) {
            return discovery
        }
        guard let path = ResourcePath(core: core, segments: segments) else { throw APIStatus.noSuchPath }
        guard let definition = api.catalog[path.collection] else { throw APIStatus.noSuchPath }
        if !definition.isNamespaced, path.namespace != nil { throw APIStatus.noSuchPath }
        let resource = ResourceRequest(request: request, path: path, served: definition, caller: caller)
        if let part = path.subresource {
            // What a pod answers, and what it writes to its log, is in no form that can be chosen here.
            let accept = ["log", "proxy"].contains(part) ? [] : request.values(.accept)
            return try await subresources.answer(resource, answers(resource, accept: accept))
        }
        return try await main(resource)
    }

    private func main(_ request: ResourceRequest) async throws(APIStatus) -> Response {
        let verbs = request.definition.verbs
        let isCollection = request.path.name == nil
        let answers = try answers(request, accept: request.request.values(.accept))
        switch request.request.method {
        case .get where verbs.contains(.read):
            if try request.options.flag("watch") { return try watch.watch(request, answers) }
            if isCollection { return try read.list(request, answers) }
            try requireNamespace(request)
            return try read.get(request, answers)
        case .post where verbs.contains(.create) && isCollection:
            if !verbs.contains(.read) { return try subresources.reviews.answer(request) }
            try requireNamespace(request)
            return try await write.create(request, answers)
        case .put where verbs.contains(.update) && !isCollection:
            try requireNamespace(request)
            return try await write.update(request, .main, answers)
        case .patch where verbs.contains(.update) && !isCollection:
            try requireNamespace(request)
            return try await write.patch(request, .main, answers)
        case .delete where verbs.contains(.delete):
            if isCollection { return try await write.deleteCollection(request, answers) }
            try requireNamespace(request)
            return try await write.delete(request, answers)
        default:
            throw APIStatus.methodNotAllowed
        }
    }

    private func requireNamespace(_ request: ResourceRequest) throws(APIStatus) {
        if request.definition.isNamespaced, request.path.namespace == nil {
            throw APIStatus.badRequest(
                "an object of \(request.definition.groupResource) is found by its namespace: "
                    + "\(request.definition.groupVersion.path)/namespaces/{namespace}/\(request.definition.plural)/{name}"
            )
        }
    }

    /// The form in which this request wants its objects.
    func answers(_ request: ResourceRequest, accept: [String]) throws(APIStatus) -> ObjectAnswers {
        let definition = request.served
        return ObjectAnswers(
            definition: definition,
            representation: try Representation(accept: accept),
            crd: definition.isCustom
                ? api.get(.customResourceDefinitions, ObjectKey(name: definition.groupResource.description))
                : nil,
            now: api.now(),
            includeObject: request.request.query["includeObject"]
        )
    }
}

extension APIStatus {
    /// What the HTTP server itself refuses, in Kubernetes' shape.
    init(_ failure: HTTPError) {
        let reason: Reason =
            switch failure.status.code {
            case 400: .badRequest
            case 404: .notFound
            case 405: .methodNotAllowed
            case 406: .notAcceptable
            case 413: .requestEntityTooLarge
            case 415: .unsupportedMediaType
            case 429: .tooManyRequests
            case 500: .internalError
            case 503: .serviceUnavailable
            default: .unknown
            }
        self.init(code: failure.status.code, reason: reason, message: failure.message)
    }
}
