import APIs
import ArgumentParser
import ControlPlane
import Dispatch
import HTTPClient
import HTTPServer
import IngotConfiguration
import Logging
import ServiceLifecycle
import Telemetry
import UnixSignals

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// `ingot serve`: runs the server until it is told to stop.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve the HTTP API.",
        discussion: """
            Prints one line once requests are answered. SIGTERM and SIGINT stop it gently, a second one at once; \
            SIGHUP rereads the configuration and applies what can change while it runs.
            """
    )

    @OptionGroup var options: ServeOptions

    func run() async throws {
        let configuration = try await options.load()
        do {
            try DataDirectory.prepare(configuration.dataDirectory)
        } catch {
            throw ExitStatus.cannotCreate.failure("\(error)")
        }
        Process.prepare()
        let telemetry = TelemetryPipeline(configuration.log)
        let http = try HTTPClient.forOutsideServices(configuration.outbound)
        let models = try ModelSources(configuration, http)
        if let failure = await models.local?.failure() {
            telemetry.logger.warning(
                "the models' folder cannot be read, and none of its files is a model until it can",
                metadata: ["path": "\(failure.path)", "reason": "\(failure.reason)"]
            )
        }
        let cluster = try await ClusterService.start(configuration, http, telemetry)
        let access = try ServerAccess(
            configuration,
            cluster: cluster.access,
            models: models,
            http: http,
            logger: telemetry.logger
        )
        let tasks = try await TaskService.opening(configuration)
        let installation = InstallationService(
            cluster: cluster.access,
            tasks: tasks,
            helm: Helm(.init(configuration)),
            http: http,
            simulation: cluster.simulation
        )
        let service = try HTTPService(
            configuration,
            access: access,
            cluster: cluster.access,
            models: models,
            installation: installation,
            telemetry: telemetry
        )
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                // Services are stopped from the last to the first: signals are heeded until the server has stopped.
                services: [
                    .init(
                        service: SignalService(options: options, service: service, telemetry: telemetry),
                        successTerminationBehavior: .ignore
                    ),
                    .init(service: cluster, successTerminationBehavior: .ignore),
                    .init(service: TasksService(tasks: tasks), successTerminationBehavior: .ignore),
                    .init(service: service, successTerminationBehavior: .gracefullyShutdownGroup),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: telemetry.quietLogger
            )
        )
        do {
            try await group.run()
        } catch let error as HTTPService.CannotListen {
            telemetry.writer.flush()
            throw ExitStatus.unavailable.failure(error.description)
        }
        telemetry.writer.flush()
    }
}

/// What a server process sets up before it does anything else.
enum Process {
    static func prepare() {
        // A peer that has gone shows in the return value of the write, where it can be dealt with.
        signal(SIGPIPE, SIG_IGN)
        raiseDescriptorLimit()
    }

    /// Each connection is a descriptor; the soft limit is often 1,024 for the sake of programs that use `select`.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue))
        #else
            let resource = RLIMIT_NOFILE
        #endif
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
    }
}
