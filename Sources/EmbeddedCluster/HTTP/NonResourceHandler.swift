import HTTPServer
import HTTPTypes
import JSON
import KubernetesModel

/// Answers the paths that name no resource: discovery, version, health and OpenAPI.
struct NonResourceHandler: Sendable {
    let api: ClusterAPI
    let openAPI: OpenAPIHandler
    /// The commit that was built.
    let commit: String
    /// The address at which the API is served, for old clients of discovery.
    let address: String

    func routes(_ front: APIFront) -> [Route] {
        [
            route("/api", "getCoreVersions", front, coreVersions),
            route("/apis", "getGroups", front, groups),
            route("/version", "getVersion", nil, version),
            // As generated clients write these paths.
            route("/api/", "getCoreVersionsOfClients", front, coreVersions),
            route("/apis/", "getGroupsOfClients", front, groups),
            route("/version/", "getVersionOfClients", nil, version),
            route("/openapi/v2", "getOpenAPI2", front) { request in
                OpenAPIVersion2.response(accept: request.values(.accept).joined(separator: ","))
            },
            route("/openapi/v3", "getOpenAPIIndex", front) { _ in openAPI.index() },
            route("/openapi/v3/{path...}", "getOpenAPI", front) { (request) throws(APIStatus) in
                try openAPI.document(request.parameters["path"] ?? "")
            },
            route("/healthz", "getHealth", nil) { _ in Self.ok },
            route("/livez", "getLiveness", nil) { _ in Self.ok },
            route("/readyz", "getReadiness", nil) { _ in Self.ok },
        ]
    }

    @Sendable private func coreVersions(_ request: Request) -> Response {
        documents(core: true, request) { $0.coreVersions(address: address) }
    }

    @Sendable private func groups(_ request: Request) -> Response {
        documents(core: false, request) { $0.groupList() }
    }

    @Sendable private func version(_ request: Request) -> Response {
        Response(json: ServerVersion.document(commit: commit))
    }

    private static let ok = Response(contentType: .text, body: .bytes(Array("ok".utf8)))

    /// A route that anyone may call, or with `front` only known callers.
    private func route(
        _ path: PathTemplate,
        _ id: String,
        _ front: APIFront?,
        _ body: @escaping @Sendable (Request) throws(APIStatus) -> Response
    ) -> Route {
        Route(
            .get,
            path,
            access: .anyone,
            documentation: .init(operationID: id, summary: "Kubernetes API", tag: "Kubernetes", answers: []),
            handler: .asynchronous { request in
                guard let front else { return try body(request) }
                return await front.answer(request) { (_) throws(APIStatus) in try body(request) }
            }
        )
    }

    /// The discovery document below `/api` or `/apis` that those segments name, or nil when they name something else.
    func discovery(core: Bool, segments: [String], _ request: Request) throws(APIStatus) -> Response? {
        guard request.method == .get else { return nil }
        let segments = segments.last == "" ? Array(segments.dropLast()) : segments
        let documents = DiscoveryDocuments(catalog: api.catalog)
        let found: JSONValue?
        switch (core, segments.count) {
        case (true, 0): return coreVersions(request)
        case (false, 0): return groups(request)
        case (true, 1): found = documents.resourceList(GroupVersion(group: "", version: segments[0]))
        case (false, 1): found = documents.group(named: segments[0])
        case (false, 2):
            found = documents.resourceList(GroupVersion(group: segments[0], version: segments[1]))
        default: return nil
        }
        guard let found else { throw APIStatus.noSuchPath }
        return Response(json: found)
    }

    /// The aggregated document for clients that take it, else the old one.
    private func documents(
        core: Bool,
        _ request: Request,
        _ old: (DiscoveryDocuments) -> JSONValue
    ) -> Response {
        let documents = DiscoveryDocuments(catalog: api.catalog)
        let accept = request.values(.accept).joined(separator: ",")
        for version in ["v2", "v2beta1"]
        where accept.contains("g=apidiscovery.k8s.io;v=\(version);as=APIGroupDiscoveryList") {
            var response = Response(json: documents.aggregated(core: core, version: version))
            response.contentType = ContentType(
                "application/json;g=apidiscovery.k8s.io;v=\(version);as=APIGroupDiscoveryList"
            )
            response.add(.vary, "Accept")
            return response
        }
        return Response(json: old(documents))
    }
}
