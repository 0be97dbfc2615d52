import Dispatch
import Logging
import Synchronization
import Telemetry
import UnixSignals

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Ends the process at once on the second SIGTERM or SIGINT, until it is let go. The first is the service group's concern.
///
/// Signals are counted where they come in, since two that come close together are told of once.
final class SecondStop {
    private final class Count: Sendable {
        let signals = Atomic<UInt>(0)
    }

    private let sources: [any DispatchSourceSignal]

    /// Begins to count.
    init(telemetry: TelemetryPipeline) {
        let queue = DispatchQueue(label: "ingot.second-stop")
        let count = Count()
        sources = [UnixSignal.sigterm, .sigint].map { signal in
            let source = DispatchSource.makeSignalSource(signal: signal.rawValue, queue: queue)
            source.setEventHandler {
                guard count.signals.add(source.data, ordering: .relaxed).newValue > 1 else { return }
                telemetry.logger.warning("stopped at once", metadata: ["signal": "\(signal)"])
                telemetry.writer.flush(timeout: .milliseconds(200))
                _exit(128 + signal.rawValue)
            }
            source.activate()
            return source
        }
    }

    deinit {
        for source in sources { source.cancel() }
    }
}
