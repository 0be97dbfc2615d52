import HTTPTypes
import Metrics
import Synchronization

/// What a client tells of itself through swift-metrics, for each destination:
/// - `http_client_requests_total` by method and result: the status's class, as `2xx`, or the kind of the error;
/// - `http_client_request_duration_seconds` by method, from the request until the answer is complete;
/// - `http_client_requests_in_flight`.
///
/// Redirects and retries count as requests of their own.
final class ClientMetrics: Sendable {
    /// More destinations than these are measured together as `other`.
    private static let destinationBound = 256

    private struct Series: Hashable {
        var destination: String
        var method: String
        var result: String
    }

    private struct State {
        var inFlight: [String: (count: Int, gauge: Gauge)] = [:]
        var counters: [Series: Counter] = [:]
        var timers: [Series: Timer] = [:]
    }

    private let state = Mutex(State())
    private let factory: any MetricsFactory

    init(factory: (any MetricsFactory)?) {
        self.factory = factory ?? MetricsSystem.factory
    }

    /// Counts a request as in flight.
    func measure(_ request: HTTPClientRequest, _ url: RequestURL) -> TransferMeasurement {
        let wanted = request.destination ?? url.authority
        let destination = state.withLock { state in
            let isKnown = state.inFlight[wanted] != nil || state.inFlight.count < Self.destinationBound
            let destination = isKnown ? wanted : "other"
            count(1, at: destination, &state)
            return destination
        }
        return TransferMeasurement(metrics: self, destination: destination, method: request.method.rawValue)
    }

    /// Counts a request that was in flight and has ended.
    fileprivate func ended(_ measurement: TransferMeasurement, result: String, nanoseconds: UInt64) {
        let series = Series(destination: measurement.destination, method: measurement.method, result: result)
        let (counter, timer): (Counter, Timer) = state.withLock { state in
            count(-1, at: series.destination, &state)
            return (self.counter(series, &state), self.timer(series, &state))
        }
        counter.increment()
        timer.recordNanoseconds(Int64(clamping: nanoseconds))
    }

    private func count(_ change: Int, at destination: String, _ state: inout State) {
        var entry =
            state.inFlight[destination]
            ?? (
                0,
                Gauge(
                    label: "http_client_requests_in_flight",
                    dimensions: [("destination", destination)],
                    factory: factory
                )
            )
        entry.count += change
        state.inFlight[destination] = entry
        entry.gauge.record(entry.count)
    }

    private func counter(_ series: Series, _ state: inout State) -> Counter {
        if let counter = state.counters[series] { return counter }
        let counter = Counter(
            label: "http_client_requests_total",
            dimensions: [
                ("destination", series.destination), ("method", series.method), ("result", series.result),
            ],
            factory: factory
        )
        state.counters[series] = counter
        return counter
    }

    private func timer(_ series: Series, _ state: inout State) -> Timer {
        var series = series
        series.result = ""
        if let timer = state.timers[series] { return timer }
        let timer = Timer(
            label: "http_client_request_duration_seconds",
            dimensions: [("destination", series.destination), ("method", series.method)],
            factory: factory
        )
        state.timers[series] = timer
        return timer
    }
}

/// What is measured of one transfer.
struct TransferMeasurement: Sendable {
    private let metrics: ClientMetrics
    private let started = LoopClock.now()
    fileprivate let destination: String
    fileprivate let method: String

    fileprivate init(metrics: ClientMetrics, destination: String, method: String) {
        self.metrics = metrics
        self.destination = destination
        self.method = method
    }

    /// The transfer has ended; it is told once.
    func ended(status: Int?, error: HTTPClientError?) {
        let result = error?.kind.label ?? status.map { "\($0 / 100)xx" } ?? "none"
        metrics.ended(self, result: result, nanoseconds: LoopClock.now() &- started)
    }
}
