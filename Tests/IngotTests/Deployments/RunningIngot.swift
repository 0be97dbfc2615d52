import APIs
import ControlPlane
import EmbeddedCluster
import HTTPClient
import HTTPServer
import HTTPTypes
import IngotConfiguration
import JSON
import KubernetesModel
import Logging
import Synchronization
import Telemetry
import Testing

@testable import ingot

/// Ingot as `ingot serve` puts it together, with an embedded cluster whose pods go through their phases at once, and a client that
/// speaks to it over loopback.
final class RunningIngot: Sendable {
    /// What a test is run with.
    @TaskLocal static var current: RunningIngot?

    /// The embedded cluster; nil when Ingot works with another one.
    let cluster: EmbeddedCluster?
    /// What the control plane knows of the cluster.
    let access: ClusterAccess
    /// Follows the deployments of all namespaces.
    let feed: DeploymentFeed
    private let client: HTTPClient
    private let server: Server
    private let url: String
    private let service: Task<Void, any Error>
    private let following: Task<Void, any Error>

    /// An answer.
    struct Answer: Sendable {
        let status: Int
        let body: JSONValue
    }

    /// Logs and metrics may be set up once in a process.
    private static let telemetry = Mutex<TelemetryPipeline?>(nil)

    private init(
        _ service: ClusterService,
        _ client: HTTPClient,
        _ server: Server
    ) {
        cluster = service.embedded
        self.client = client
        self.server = server
        access = service.access
        url = "http://\(server.address)"
        self.service = Task { try await service.run() }
        let feed = DeploymentFeed()
        self.feed = feed
        let url = url
        following = Task { try await feed.follow("\(url)/api/deployments/events", client) }
    }

    /// Runs it with an embedded cluster while `body` does.
    ///
    /// - Parameter nodes: the simulated nodes, as the configuration has them.
    static func run(nodes: JSONValue, _ body: (RunningIngot) async throws -> Void) async throws {
        let environment = [
            "INGOT_CLUSTER_MODE": "embedded", "INGOT_CLUSTER_EMBEDDED_PACE": "immediate",
            "INGOT_CLUSTER_EMBEDDED_NODES": nodes.description,
        ]
        try await run(environment, TemporaryFolder(), body)
    }

    /// Runs it with the cluster of a kubeconfig while `body` does.
    static func run(kubeconfig: JSONValue, _ body: (RunningIngot) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(kubeconfig.encoded(), as: "kubeconfig")
        try await run(
            ["INGOT_CLUSTER_MODE": "kubernetes", "INGOT_CLUSTER_KUBECONFIG": file],
            folder,
            body
        )
    }

    private static func run(
        _ variables: [String: String],
        _ folder: TemporaryFolder,
        _ body: (RunningIngot) async throws -> Void
    ) async throws {
        var environment = variables
        environment["HOME"] = folder.path
        environment["INGOT_DATA_DIR"] = folder.path
        environment["INGOT_LOG_LEVEL"] = "error"
        let configuration = try await ServeConfiguration.load(
            CommandLineOverrides(),
            environment: environment
        )
        let telemetry = telemetry.withLock { known in
            let pipeline = known ?? TelemetryPipeline(configuration.log)
            known = pipeline
            return pipeline
        }
        let client = try HTTPClient()
        let service = try await ClusterService.start(configuration, client, telemetry)
        let main = MainPort(
            build: Build.information,
            cluster: service.access,
            models: .none,
            installation: InstallationService(
                cluster: service.access,
                tasks: try await TaskService.opening(configuration),
                helm: Helm(.init(configuration)),
                http: client,
                simulation: service.simulation
            ),
            checks: [HealthCheck("cluster") { service.access.problem(at: .now()) }],
            metrics: telemetry.render
        )
        let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let server = try await Server.start(address, router: main.router(), logger: telemetry.logger)
        let ingot = RunningIngot(service, client, server)
        do {
            try await ingot.eventually("the cluster has been read") {
                try await ingot.get("/readyz").status == 200
            }
            try await body(ingot)
        } catch {
            await ingot.stop()
            throw error
        }
        await ingot.stop()
        // The folder is to stay until then.
        withExtendedLifetime(folder) {}
    }

    private func stop() async {
        following.cancel()
        await server.stop()
        service.cancel()
        _ = await service.result
        _ = await following.result
        await client.shutDown()
    }

    // MARK: Requests

    func get(_ path: String) async throws -> Answer { try await call(.get, path) }

    func call(_ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil) async throws -> Answer {
        var request = HTTPClientRequest(method: method, url: url + path)
        if let body {
            request.headers[.contentType] = "application/json"
            request.body = .bytes(body.encoded())
        }
        let response = try await client.fetch(request)
        let json = try response.body.isEmpty ? JSONValue.null : JSONValue(parsing: response.body)
        return Answer(status: response.status.code, body: json)
    }

    /// Asks again and again until it is so.
    func eventually(
        _ what: Comment,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ isFulfilled: () async throws -> Bool
    ) async throws {
        while try await !isFulfilled() {
            guard !Task.isCancelled else {
                Issue.record(what, sourceLocation: sourceLocation)
                throw CancellationError()
            }
            await Task.yield()
        }
    }
}
