internal import Synchronization

/// A metric whose value is computed when the metrics are read.
public struct PrometheusComputedMetric: Sendable {
    /// What a value of the metric does over time.
    public enum Kind: Sendable {
        /// It only grows.
        case counter
        /// It goes up and down.
        case gauge
    }

    /// The name; a counter's gets `_total` at its end when it has not.
    public var name: String
    /// What a value does over time.
    public var kind: Kind
    /// What the metric means.
    public var help: String
    /// Names and values of its labels.
    public var labels: [(String, String)]

    /// A metric.
    public init(_ name: String, _ kind: Kind, help: String, labels: [(String, String)] = []) {
        self.name = name
        self.kind = kind
        self.help = help
        self.labels = labels
    }
}

extension PrometheusRegistry {
    /// Registers a number that goes up and down and is asked for whenever the metrics are read.
    public func registerGauge(
        _ name: String,
        help: String,
        labels: [(String, String)] = [],
        value: @escaping @Sendable () -> Double
    ) {
        register([PrometheusComputedMetric(name, .gauge, help: help, labels: labels)]) { [value()] }
    }

    /// Registers a number that only grows and is asked for whenever the metrics are read.
    public func registerCounter(
        _ name: String,
        help: String,
        labels: [(String, String)] = [],
        value: @escaping @Sendable () -> Double
    ) {
        register([PrometheusComputedMetric(name, .counter, help: help, labels: labels)]) { [value()] }
    }

    /// Registers metrics whose values are computed together whenever the metrics are read. One that has the name
    /// and labels of another computed metric takes its place.
    ///
    /// - Parameter values: gives a value for each of the metrics, in their order; nil for one that has none now.
    public func register(
        _ metrics: [PrometheusComputedMetric],
        values: @escaping @Sendable () -> [Double?]
    ) {
        let refused = state.withLock { state -> [String] in
            let group = state.groups.count
            state.groups.append(values)
            var refused: [String] = []
            for (index, metric) in metrics.enumerated() {
                let (name, kind) = metric.family
                let labels = PrometheusText.labels(metric.labels, ofHistogram: false)
                var family = state.families[name] ?? PrometheusFamily(kind: kind)
                if case .handle = family.series[labels] {
                    refused.append(name)
                } else if !state.allows(name, kind) {
                    refused.append(name)
                } else {
                    family.series[labels] = .computed(group: group, index: index)
                    state.families[name] = family
                    state.help[name] = metric.help
                }
            }
            return refused
        }
        for name in refused { refuse(name) }
    }

    /// Appends all metrics in Prometheus' text format 0.0.4, sorted by name and labels.
    ///
    /// The functions of computed metrics run meanwhile; when one of them reads files, call this where waiting is
    /// allowed.
    public func write(into bytes: inout [UInt8]) {
        let (families, help, groups) = state.withLock { ($0.families, $0.help, $0.groups) }
        let values = groups.map { $0() }
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            let start = bytes.count
            if let help = help[name] ?? help[family.nameWithoutTotal(name)] {
                bytes.append(comment: "HELP", name: name, text: help)
            }
            bytes.append(comment: "TYPE", name: name, text: family.kind.typeName)
            let headEnd = bytes.count
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                switch series {
                case .handle(let series, _):
                    series.write(name: name, labels: labels, to: &bytes)
                case .computed(let group, let index):
                    guard values[group].indices.contains(index), let value = values[group][index] else {
                        continue
                    }
                    bytes.append(sample: name, labels: labels)
                    bytes.append(prometheus: value)
                    bytes.append(0x0A)
                }
            }
            if bytes.count == headEnd { bytes.removeSubrange(start...) }
        }
    }
}

extension PrometheusComputedMetric {
    fileprivate var family: (name: String, kind: PrometheusFamily.Kind) {
        switch kind {
        case .counter: (PrometheusText.counterName(name), .counter)
        case .gauge: (PrometheusText.metricName(name), .gauge)
        }
    }
}

extension PrometheusFamily {
    /// The name under which a counter may have been described.
    fileprivate func nameWithoutTotal(_ name: String) -> String {
        kind == .counter && name.hasSuffix("_total") ? String(name.dropLast("_total".count)) : name
    }
}
