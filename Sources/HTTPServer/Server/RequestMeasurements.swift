import Metrics

/// One loop's measurements of the requests that it answers: metrics by route, method and status, and the access log.
///
/// The handles of swift-metrics are looked up once for each combination and then kept by index, so that counting a request
/// makes no label strings.
final class RequestMeasurements {
    private struct Series {
        var method: RequestMethod
        var status: Int
        var counter: Counter
    }

    private final class RouteSeries {
        var counters: [Series] = []
        var timers: [Timer?] = Array(repeating: nil, count: RequestMethod.allCases.count)
    }

    /// One for each route, and a last one for requests that no route matched.
    private let series: [RouteSeries]
    var truncatedRequests = 0

    init(router: Router) {
        series = (0...router.entries.count).map { _ in RouteSeries() }
    }

    /// The time from which a request's duration counts.
    @inline(__always)
    func requestStart(_ loop: EventLoop) -> UInt64 {
        LoopClock.monotonic()
    }

    func began(_ loop: EventLoop) {
        loop.shared.metrics.requestBegan()
    }

    /// Counts and logs a request that has been answered.
    func finished(_ exchange: borrowing Exchange, status: Int, bytes: Int, isCut: Bool, loop: EventLoop) {
        let duration = LoopClock.monotonic() &- exchange.started
        if exchange.isInFlight { loop.shared.metrics.requestEnded() }
        let route = exchange.route
        let method = exchange.head.method
        let series = series[route?.index ?? self.series.count - 1]
        counter(series, route, method, status).increment()
        timer(series, route, method).recordNanoseconds(Int64(truncatingIfNeeded: duration))
        guard let accessLog = loop.shared.accessLog, accessLog.isEnabled else { return }
        let outcome = AccessLog.Outcome(status: status, bytes: bytes, nanoseconds: duration, isCut: isCut)
        accessLog.record(exchange, outcome, to: &loop.accessLines)
    }

    /// Hands the loop's byte counts on.
    func flush(_ statistics: inout EventLoop.Statistics, to metrics: ServerMetrics) {
        if statistics.bytesRead > 0 { metrics.bytesReceived.increment(by: Int64(statistics.bytesRead)) }
        if statistics.bytesWritten > 0 { metrics.bytesSent.increment(by: Int64(statistics.bytesWritten)) }
        if statistics.hasTLS { flushTLS(statistics, to: metrics) }
        if truncatedRequests > 0 { metrics.truncated.increment(by: Int64(truncatedRequests)) }
        statistics = EventLoop.Statistics()
        truncatedRequests = 0
    }

    private func flushTLS(_ statistics: EventLoop.Statistics, to metrics: ServerMetrics) {
        for (count, counter) in [
            (statistics.tlsHandshakes, metrics.tlsHandshakes),
            (statistics.failedTLSHandshakes, metrics.failedTLSHandshakes),
            (statistics.plainRequestsToTLS, metrics.plainRequestsToTLS),
            (statistics.tlsFailures, metrics.tlsFailures),
        ] where count > 0 {
            counter.increment(by: Int64(count))
        }
    }

    private func counter(
        _ series: RouteSeries,
        _ route: Router.Entry?,
        _ method: RequestMethod,
        _ status: Int
    ) -> Counter {
        for known in series.counters where known.status == status && known.method == method {
            return known.counter
        }
        let counter = Counter(
            label: "http_requests_total",
            dimensions: labels(route, method) + [("status", String(status))]
        )
        series.counters.append(Series(method: method, status: status, counter: counter))
        return counter
    }

    private func timer(_ series: RouteSeries, _ route: Router.Entry?, _ method: RequestMethod) -> Timer {
        let slot = Int(method.rawValue)
        if let timer = series.timers[slot] { return timer }
        let timer = Timer(label: "http_request_duration_seconds", dimensions: labels(route, method))
        series.timers[slot] = timer
        return timer
    }

    private func labels(_ route: Router.Entry?, _ method: RequestMethod) -> [(String, String)] {
        [("method", method.name.description), ("route", route?.route.path.description ?? "none")]
    }
}
