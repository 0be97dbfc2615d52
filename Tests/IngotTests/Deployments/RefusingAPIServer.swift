import HTTPClient
import HTTPServer
import HTTPTypes
import JSON
import KubernetesModel
import Logging

@testable import EmbeddedCluster

/// A second API server of an embedded cluster, which refuses to make objects of some resources; dry runs excepted, as when a quota
/// is used up between the dry run and the making.
struct RefusingAPIServer: Sendable {
    private let server: Server
    private static let token = "token-of-the-test"

    init(_ api: ClusterAPI, refusing resources: Set<String>) async throws {
        let authentication = Authentication(token: Self.token) { _ in nil }
        let clock = ContinuousClock()
        let front = try APIFront(
            api: api,
            authentication: authentication,
            commit: "unknown",
            tokens: ServiceAccountTokens(key: Array("key".utf8), api: api),
            logs: SimulatedLogs(api: api, pace: .immediate, clock: clock),
            client: HTTPClient(),
            clock: clock
        )
        let surface = front.surface()
        let refusing = Surface(
            name: surface.name,
            routes: surface.routes.map { $0.refusing(resources) },
            errorSchema: surface.errorSchema,
            renderError: surface.renderError
        )
        guard let address = SocketAddress(host: "127.0.0.1", port: 0) else { throw CancellationError() }
        var logger = Logger(label: "api server of the test")
        logger.logLevel = .error
        server = try await Server.start(address, router: Router([refusing]), logger: logger)
    }

    func stop() async { await server.stop() }

    /// The kubeconfig by which clients reach it.
    var kubeconfig: JSONValue {
        [
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [["name": "test", "cluster": ["server": .string("http://\(server.address)")]]],
            "contexts": [["name": "test", "context": ["cluster": "test", "user": "test"]]],
            "users": [["name": "test", "user": ["token": .string(Self.token)]]],
        ]
    }
}

extension Route {
    /// The route, except that it makes no objects of those resources.
    fileprivate func refusing(_ resources: Set<String>) -> Route {
        guard method == .post, case .asynchronous(let answer) = handler else { return self }
        return Route(
            method,
            path,
            access: access,
            documentation: documentation,
            bodyLimit: bodyLimit,
            endsWithClient: endsWithClient,
            handler: .asynchronous { request in
                let last = request.path.split(separator: "/").last.map(String.init) ?? ""
                guard resources.contains(last), request.query["dryRun"] == nil else {
                    return try await answer(request)
                }
                let status = APIStatus.forbidden(
                    GroupResource(group: "", resource: last),
                    KubernetesObject(try JSONValue(parsing: request.body)).name,
                    "exceeded quota: objects, requested: count/\(last)=1, used: count/\(last)=5, limited: count/\(last)=5"
                )
                return Response(status: .init(code: status.code), json: status)
            }
        )
    }
}
