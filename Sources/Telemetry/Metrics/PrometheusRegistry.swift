public import Logging
internal import Synchronization

/// The metrics of the process, and their text for Prometheus.
///
/// Series are made through swift-metrics (``PrometheusMetricsFactory``); what is known only when asked for, such as
/// the memory of the process, is registered as a function. Making a series takes a lock, changing one never does.
public final class PrometheusRegistry: Sendable {
    /// The media type of what ``write(into:)`` writes.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The upper bounds of the ranges in which timers count, in seconds, unless set otherwise: suited to the time
    /// that an HTTP request takes.
    public static let durationBounds: [Double] = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    /// The upper bounds of the ranges in which recorders count unless set otherwise: powers of four from 1 to 2³⁰,
    /// suited to counts and to sizes in bytes.
    public static let valueBounds: [Double] = (0...15).map { Double(UInt64(1) << (2 * $0)) }

    struct State {
        var families: [String: PrometheusFamily] = [:]
        var help: [String: String] = [:]
        var bounds: [String: [Double]] = [:]
        var groups: [@Sendable () -> [Double?]] = []
        var refused: Set<String> = []
    }

    let state = Mutex(State())
    private let logger: Logger?
    private let seriesLimit: Int

    /// A registry without metrics.
    ///
    /// - Parameters:
    ///   - logger: is told, once for each name, of metrics that are not kept.
    ///   - seriesLimit: how many sets of labels one metric may have; others are not kept.
    public init(logger: Logger? = nil, seriesLimit: Int = 2000) {
        self.logger = logger
        self.seriesLimit = seriesLimit
    }

    /// The names of metrics of which something was not kept: they were made with two types, or with too many sets
    /// of labels.
    public var refusedNames: Set<String> { state.withLock(\.refused) }

    /// Says what a metric means; `name` as the metric is made with.
    public func describe(_ name: String, _ help: String) {
        state.withLock { $0.help[PrometheusText.metricName(name)] = help }
    }

    /// Sets the upper bounds of the ranges of a timer (in seconds) or a recorder, for series made from now on.
    public func setBounds(_ bounds: [Double], of name: String) {
        let bounds = Set(bounds.filter(\.isFinite)).sorted()
        state.withLock { $0.bounds[PrometheusText.metricName(name)] = bounds }
    }

    // MARK: Series

    func counter(_ label: String, _ labels: [(String, String)]) -> PrometheusCounter {
        series(PrometheusText.counterName(label), .counter, labels) { _ in PrometheusCounter() }
    }

    func gauge(_ label: String, _ labels: [(String, String)]) -> PrometheusGauge {
        series(PrometheusText.metricName(label), .gauge, labels) { _ in PrometheusGauge() }
    }

    func histogram(_ label: String, _ labels: [(String, String)]) -> PrometheusHistogram {
        series(PrometheusText.metricName(label), .histogram, labels) { bounds in
            PrometheusHistogram(bounds: bounds ?? Self.valueBounds)
        }
    }

    func timer(_ label: String, _ labels: [(String, String)]) -> PrometheusTimer {
        series(PrometheusText.metricName(label), .timer, labels) { bounds in
            PrometheusTimer(bounds: bounds ?? Self.durationBounds)
        }
    }

    /// The series with that name and those labels, made when there is none. One that cannot be kept is given all
    /// the same, so that its user need not know.
    private func series<Series: PrometheusSeries>(
        _ name: String,
        _ kind: PrometheusFamily.Kind,
        _ labels: [(String, String)],
        make: (_ bounds: [Double]?) -> Series
    ) -> Series {
        let labels = PrometheusText.labels(labels, ofHistogram: kind.isHistogram)
        let (series, isKept) = state.withLock { state -> (Series, Bool) in
            let known = state.families[name]?.series[labels]
            if case .handle(let series as Series, let uses)? = known {
                state.families[name]?.series[labels] = .handle(series, uses: uses + 1)
                return (series, true)
            }
            let series = make(state.bounds[name])
            let count = state.families[name]?.series.count ?? 0
            guard known == nil, count < seriesLimit, state.allows(name, kind) else { return (series, false) }
            state.families[name, default: PrometheusFamily(kind: kind)].series[labels] =
                .handle(series, uses: 1)
            return (series, true)
        }
        if !isKept { refuse(name) }
        return series
    }

    /// Forgets a series once everybody who asked for it gave it back.
    func release(_ series: AnyObject) {
        state.withLock { state in
            for (name, var family) in state.families {
                for case (let labels, .handle(let known, let uses)) in family.series where known === series {
                    family.series[labels] = uses > 1 ? .handle(known, uses: uses - 1) : nil
                    state.families[name] = family.series.isEmpty ? nil : family
                    return
                }
            }
        }
    }

    func refuse(_ name: String) {
        let isNew = state.withLock { $0.refused.insert(name).inserted }
        if isNew {
            logger?.warning(
                "a metric is not kept: it has another type already or too many sets of labels",
                metadata: ["metric": .string(name)]
            )
        }
    }
}

/// The series of one name.
struct PrometheusFamily {
    enum Kind {
        case counter
        case gauge
        case histogram
        case timer

        var isHistogram: Bool { self == .histogram || self == .timer }

        /// The type that Prometheus knows.
        var typeName: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram, .timer: "histogram"
            }
        }
    }

    enum Series {
        /// Changed by whoever holds it.
        case handle(any PrometheusSeries, uses: Int)
        /// Computed when asked for, by a function that computes a group of values.
        case computed(group: Int, index: Int)
    }

    let kind: Kind
    /// By the text of the labels.
    var series: [String: Series] = [:]
}

extension PrometheusRegistry.State {
    /// Whether a metric of that kind may have that name: no metric of another kind has it, and no sample of a
    /// histogram would be named like another metric.
    func allows(_ name: String, _ kind: PrometheusFamily.Kind) -> Bool {
        if let family = families[name] { return family.kind == kind }
        let suffixes = ["_bucket", "_sum", "_count"]
        if kind.isHistogram { return suffixes.allSatisfy { families[name + $0] == nil } }
        return suffixes.allSatisfy { suffix in
            !name.hasSuffix(suffix) || families[String(name.dropLast(suffix.count))]?.kind.isHistogram != true
        }
    }
}
