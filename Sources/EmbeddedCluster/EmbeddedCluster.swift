import Certificates
public import HTTPClient
import HTTPServer
import JSON
import KubernetesModel
public import Logging
import Synchronization

/// A Kubernetes API server in this process, with nodes that are simulated and, where wanted, this machine as one of them.
///
/// It listens on loopback with TLS and a token, so that clients reach it exactly as they reach any cluster: by its kubeconfig.
/// Objects are kept in its folder and survive the process.
public final class EmbeddedCluster: Sendable {
    /// It cannot start.
    public struct CannotStart: Error, CustomStringConvertible {
        /// Why, for people.
        public let description: String
    }

    /// How a cluster is set up.
    public struct Settings: Sendable {
        /// The folder for its objects and credentials.
        public var folder: String
        /// The port; 0 takes the one of the last time, or any free one.
        public var port: Int
        /// The nodes that are simulated.
        public var nodes: [NodeSpecification]
        /// How fast simulated pods go through their phases.
        public var pace: KubeletPace
        /// This machine as a node; nil when it is to be none.
        public var machine: MachineSettings?
        /// The commit that was built, for `kubectl version`.
        public var commit: String

        /// A set-up.
        public init(
            folder: String,
            port: Int = 0,
            nodes: [NodeSpecification] = NodeSpecification.defaultSet,
            pace: KubeletPace = .brisk,
            machine: MachineSettings? = nil,
            commit: String = "unknown"
        ) {
            self.nodes = nodes
            self.pace = pace
            self.machine = machine
            self.folder = folder
            self.port = port
            self.commit = commit
        }
    }

    /// The file that tells clients how to reach the cluster.
    public let kubeconfigPath: String
    /// The port that it listens on.
    public let port: Int
    /// The cluster's API for the code of this process.
    public let api: ClusterAPI
    private let server: Server
    private let tasks: Mutex<[Task<Void, Never>]>

    private init(
        kubeconfigPath: String,
        port: Int,
        api: ClusterAPI,
        server: Server,
        tasks: [Task<Void, Never>]
    ) {
        self.kubeconfigPath = kubeconfigPath
        self.port = port
        self.api = api
        self.server = server
        self.tasks = Mutex(tasks)
    }

    /// Where the kubeconfig of a cluster with that folder is.
    public static func kubeconfigPath(folder: String) -> String { "\(folder)/kubeconfig" }

    /// Opens or makes the cluster, and serves it. When this returns, its API answers.
    public static func start(
        _ settings: Settings,
        client: HTTPClient,
        logger: Logger,
        clock: any Clock<Duration> = ContinuousClock()
    ) async throws(CannotStart) -> EmbeddedCluster {
        do {
            return try await open(settings, client, logger, clock)
        } catch {
            throw CannotStart(description: "the embedded cluster cannot start: \(error)")
        }
    }

    private static func open(
        _ settings: Settings,
        _ client: HTTPClient,
        _ logger: Logger,
        _ clock: any Clock<Duration>
    ) async throws -> EmbeddedCluster {
        let folder = settings.folder
        try KeptFile.makeFolder(folder)
        let credentials = try ClusterCredentials(folder: folder)
        let store = try ObjectStore(path: "\(folder)/cluster.db")
        let api = ClusterAPI(store: store)
        let tokens = ServiceAccountTokens(key: credentials.signingKey, api: api)
        let authentication = Authentication(token: credentials.token) { tokens.grant($0)?.caller }
        var parts = ClusterParts(
            api: api,
            nodes: settings.nodes,
            pace: settings.pace,
            machine: settings.machine,
            podFolder: "\(folder)/pods",
            rootCertificate: String(decoding: credentials.authority.identity.certificates, as: UTF8.self),
            clock: clock,
            logger: logger
        )
        let front = APIFront(
            api: api,
            authentication: authentication,
            commit: settings.commit,
            tokens: tokens,
            logs: PodLogs(
                api: api,
                simulated: SimulatedLogs(api: api, pace: settings.pace, clock: clock),
                local: settings.machine.map { _ in LocalLogs(root: "\(folder)/pods") }
            ),
            client: client,
            clock: clock
        )
        let router = try Router([front.surface()])
        let tls = try TLSContext(
            certificates: credentials.server.certificates,
            key: credentials.server.key
        )
        let server = try await listen(settings, folder, router, tls, logger)
        do {
            try await ClusterBootstrap.run(api, port: Int(server.address.port))
            try KeptFile.write(Array(String(server.address.port).utf8), to: "\(folder)/port")
            try KeptFile.write(
                credentials.kubeconfig(port: Int(server.address.port)),
                to: kubeconfigPath(folder: folder)
            )
            try await parts.prepare(client: client, token: tokens.issue(for:source:))
        } catch {
            await server.stop()
            await store.close()
            throw error
        }
        return EmbeddedCluster(
            kubeconfigPath: kubeconfigPath(folder: folder),
            port: Int(server.address.port),
            api: api,
            server: server,
            tasks: [Task { await parts.run() }]
        )
    }

    /// Listens on the port that was asked for, or the one of the last time if it is free, so that a kubeconfig stays good.
    private static func listen(
        _ settings: Settings,
        _ folder: String,
        _ router: Router,
        _ tls: TLSContext,
        _ logger: Logger
    ) async throws -> Server {
        var serverSettings = ServerSettings()
        serverSettings.gracePeriod = .milliseconds(500)
        serverSettings.allowedHosts = ["*"]
        serverSettings.eventLoops = 1
        serverSettings.limits.bodySize = 8 << 20
        func start(_ port: Int) async throws -> Server {
            guard let number = UInt16(exactly: port),
                let address = SocketAddress(host: "127.0.0.1", port: number)
            else { throw CannotStart(description: "\(port) is no port") }
            return try await Server.start(
                address,
                router: router,
                settings: serverSettings,
                logger: logger,
                tls: tls
            )
        }
        if settings.port == 0,
            let last = try KeptFile.read("\(folder)/port").flatMap({
                Int(String(decoding: $0, as: UTF8.self))
            }),
            let server = try? await start(last)
        {
            return server
        }
        return try await start(settings.port)
    }

    /// Ends watches, controllers and pods on this machine, and closes the database.
    public func stop() async {
        let running = tasks.withLock { tasks in
            defer { tasks = [] }
            return tasks
        }
        for task in running { task.cancel() }
        for task in running { await task.value }
        await server.stop()
        await api.store.close()
    }
}
