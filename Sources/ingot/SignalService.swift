import Dispatch
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

/// The signals beside the first SIGTERM or SIGINT, which the service group handles: a second one ends the process at once,
/// SIGHUP rereads the configuration.
struct SignalService: Service {
    let options: ServeOptions
    let service: HTTPService
    let telemetry: TelemetryPipeline

    func run() async throws {
        var requestsToStop = 0
        for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
            .cancelOnGracefulShutdown()
        {
            if signal == .sighup {
                await reload()
                continue
            }
            requestsToStop += 1
            if requestsToStop > 1 {
                telemetry.logger.warning("stopped at once", metadata: ["signal": "\(signal)"])
                telemetry.writer.flush(timeout: .milliseconds(200))
                _exit(128 + signal.rawValue)
            }
        }
    }

    private func reload() async {
        do throws(ConfigurationFailure) {
            let configuration = try await options.read()
            telemetry.threshold.level = configuration.log.level
            service.apply(configuration)
            telemetry.logger.notice(
                "configuration reread",
                metadata: ["log_level": "\(configuration.log.level)"]
            )
        } catch {
            telemetry.logger.error(
                "configuration not reread: the running one stays",
                metadata: ["problems": "\(error)"]
            )
        }
    }
}
