public import Metrics

/// Backs swift-metrics with a ``PrometheusRegistry``.
///
/// Counters become counters, meters and recorders that do not aggregate become gauges, recorders that aggregate and
/// timers become histograms, timers in seconds. Labels that are no Prometheus names get `_` in place of what they
/// may not hold.
public struct PrometheusMetricsFactory: MetricsFactory {
    /// Where the metrics are kept.
    public let registry: PrometheusRegistry

    /// A factory of metrics of that registry.
    public init(registry: PrometheusRegistry) {
        self.registry = registry
    }

    /// The counter with that label and those dimensions.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        registry.counter(label, dimensions)
    }

    /// The counter with that label and those dimensions.
    public func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        registry.counter(label, dimensions)
    }

    /// The gauge with that label and those dimensions.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        registry.gauge(label, dimensions)
    }

    /// The histogram, or without aggregation the gauge, with that label and those dimensions.
    public func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        if aggregate { registry.histogram(label, dimensions) } else { registry.gauge(label, dimensions) }
    }

    /// The histogram of durations with that label and those dimensions.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        registry.timer(label, dimensions)
    }

    /// Forgets a counter unless others use it too.
    public func destroyCounter(_ handler: any CounterHandler) { registry.release(handler) }

    /// Forgets a counter unless others use it too.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {
        registry.release(handler)
    }

    /// Forgets a gauge unless others use it too.
    public func destroyMeter(_ handler: any MeterHandler) { registry.release(handler) }

    /// Forgets a histogram or gauge unless others use it too.
    public func destroyRecorder(_ handler: any RecorderHandler) { registry.release(handler) }

    /// Forgets a histogram unless others use it too.
    public func destroyTimer(_ handler: any TimerHandler) { registry.release(handler) }
}
