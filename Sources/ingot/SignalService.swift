import IngotConfiguration
import Logging
import ServiceLifecycle
import Telemetry
import UnixSignals

/// The signals beside the first SIGTERM or SIGINT, which the service group handles: a second one ends the process at once,
/// SIGHUP rereads the configuration.
struct SignalService: Service {
    let options: ServeOptions
    let service: HTTPService
    let telemetry: TelemetryPipeline

    func run() async throws {
        let secondStop = SecondStop(telemetry: telemetry)
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            await reload()
        }
        withExtendedLifetime(secondStop) {}
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
