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

    private struct RouteSeries {
        var counters: [Series] = []
        var timers = InlineArray<10, Timer?>(repeating: nil)
    }

    private let router: Router
    /// One for each route, and a last one for requests that no route matched.
    private var series: [RouteSeries]
    var truncatedRequests = 0

    init(router: Router) {
        self.router = router
        series = Array(repeating: RouteSeries(), count: router.entries.count + 1)
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
    func finished(_ exchange: Exchange, status: Int, bytes: Int, isCut: Bool, loop: EventLoop) {
        let duration = LoopClock.monotonic() &- exchange.started
        if exchange.isInFlight { loop.shared.metrics.requestEnded() }
        let index = exchange.route ?? series.count - 1
        let method = exchange.head.method
        counter(index, method, status).increment()
        timer(index, method).recordNanoseconds(Int64(truncatingIfNeeded: duration))
        guard let accessLog = loop.shared.accessLog, accessLog.isEnabled else { return }
        let entry = AccessLog.Entry(
            exchange: exchange,
            status: status,
            bytes: bytes,
            nanoseconds: duration,
            isCut: isCut,
            secrets: exchange.route.map { router.entries[$0].secretParameters } ?? [])
        accessLog.record(entry, to: &loop.accessLines)
    }

    /// Hands the loop's byte counts on.
    func flush(_ statistics: inout EventLoop.Statistics, to metrics: ServerMetrics) {
        if statistics.bytesRead > 0 { metrics.bytesReceived.increment(by: Int64(statistics.bytesRead)) }
        if statistics.bytesWritten > 0 { metrics.bytesSent.increment(by: Int64(statistics.bytesWritten)) }
        if truncatedRequests > 0 { metrics.truncated.increment(by: Int64(truncatedRequests)) }
        statistics = EventLoop.Statistics()
        truncatedRequests = 0
    }

    private func counter(_ index: Int, _ method: RequestMethod, _ status: Int) -> Counter {
        for series in series[index].counters where series.status == status && series.method == method {
            return series.counter
        }
        let counter = Counter(
            label: "http_requests_total",
            dimensions: labels(index, method) + [("status", String(status))])
        series[index].counters.append(Series(method: method, status: status, counter: counter))
        return counter
    }

    private func timer(_ index: Int, _ method: RequestMethod) -> Timer {
        let slot = Int(method.rawValue)
        if let timer = series[index].timers[slot] { return timer }
        let timer = Timer(label: "http_request_duration_seconds", dimensions: labels(index, method))
        series[index].timers[slot] = timer
        return timer
    }

    private func labels(_ index: Int, _ method: RequestMethod) -> [(String, String)] {
        let route = index < router.entries.count ? router.entries[index].route.path.description : "none"
        return [("method", method.name.description), ("route", route)]
    }
}
