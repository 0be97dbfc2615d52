internal import JSON
internal import Metrics

/// One series of a metric: the numbers behind one set of labels.
protocol PrometheusSeries: AnyObject, Sendable {
    /// Appends its samples, a line each.
    func write(name: String, labels: String, to bytes: inout [UInt8])
}

/// A number that only grows. Whole and fractional increments are kept apart, so that whole ones stay exact.
final class PrometheusCounter: PrometheusSeries, CounterHandler, FloatingPointCounterHandler {
    private let slots = AtomicSlots(count: 2)

    func increment(by amount: Int64) {
        if amount > 0 { slots.add(UInt64(amount), at: 0) }
    }

    func increment(by amount: Double) {
        if amount > 0, amount.isFinite { slots.add(double: amount, at: 1) }
    }

    func reset() {
        slots[0] = 0
        slots[1] = 0
    }

    func write(name: String, labels: String, to bytes: inout [UInt8]) {
        bytes.append(sample: name, labels: labels)
        let fractional = Double(bitPattern: slots[1])
        if fractional == 0 {
            bytes.append(decimal: slots[0])
        } else {
            bytes.append(prometheus: Double(slots[0]) + fractional)
        }
        bytes.append(0x0A)
    }
}

/// A number that goes up and down.
final class PrometheusGauge: PrometheusSeries, MeterHandler, RecorderHandler {
    private let slots = AtomicSlots(count: 1)

    func set(_ value: Int64) { set(Double(value)) }

    func set(_ value: Double) { slots[0] = value.bitPattern }

    func increment(by amount: Double) {
        if amount.isFinite { slots.add(double: amount, at: 0) }
    }

    func decrement(by amount: Double) { increment(by: -amount) }

    func record(_ value: Int64) { set(value) }

    func record(_ value: Double) { set(value) }

    func write(name: String, labels: String, to bytes: inout [UInt8]) {
        bytes.append(sample: name, labels: labels)
        bytes.append(prometheus: Double(bitPattern: slots[0]))
        bytes.append(0x0A)
    }
}

/// How often values fell into each of a row of ranges, and their sum.
///
/// The first slots count the values of each range, the one behind them those above the last bound; the last slot is
/// the sum. Counting once per value keeps the cost of recording the same for many buckets; they are added up when
/// the metrics are read.
final class PrometheusHistogram: PrometheusSeries, RecorderHandler {
    private let bounds: [Double]
    private let slots: AtomicSlots

    /// A histogram with those upper bounds, ascending.
    init(bounds: [Double]) {
        self.bounds = bounds
        slots = AtomicSlots(count: bounds.count + 2)
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard !value.isNaN else { return }
        slots.add(1, at: bounds.firstIndex { value <= $0 } ?? bounds.count)
        slots.add(double: value, at: bounds.count + 1)
    }

    func write(name: String, labels: String, to bytes: inout [UInt8]) {
        let sum = Double(bitPattern: slots[bounds.count + 1])
        slots.writeHistogram(name: name, labels: labels, bounds: bounds, sum: sum, to: &bytes)
    }
}

/// A histogram of durations: recorded in nanoseconds, shown in seconds.
final class PrometheusTimer: PrometheusSeries, TimerHandler {
    /// In seconds.
    private let bounds: [Double]
    private let nanosecondBounds: [Int64]
    private let slots: AtomicSlots

    /// A timer with those upper bounds in seconds, ascending.
    init(bounds: [Double]) {
        self.bounds = bounds
        nanosecondBounds = bounds.map { Int64(clampingRounded: $0 * 1e9) }
        slots = AtomicSlots(count: bounds.count + 2)
    }

    func recordNanoseconds(_ duration: Int64) {
        let duration = max(duration, 0)
        slots.add(1, at: nanosecondBounds.firstIndex { duration <= $0 } ?? bounds.count)
        slots.add(UInt64(duration), at: bounds.count + 1)
    }

    func write(name: String, labels: String, to bytes: inout [UInt8]) {
        let sum = Double(slots[bounds.count + 1]) / 1e9
        slots.writeHistogram(name: name, labels: labels, bounds: bounds, sum: sum, to: &bytes)
    }
}

extension AtomicSlots {
    /// Writes the samples of a histogram. The count is the sum of the buckets that were read, so that the two agree
    /// while values are being recorded.
    fileprivate borrowing func writeHistogram(
        name: String,
        labels: String,
        bounds: [Double],
        sum: Double,
        to bytes: inout [UInt8]
    ) {
        var total: UInt64 = 0
        for (index, bound) in (bounds + [.infinity]).enumerated() {
            total &+= self[index]
            bytes.append(sample: name, "_bucket", labels: labels, bound: bound)
            bytes.append(decimal: total)
            bytes.append(0x0A)
        }
        bytes.append(sample: name, "_sum", labels: labels)
        bytes.append(prometheus: sum)
        bytes.append(0x0A)
        bytes.append(sample: name, "_count", labels: labels)
        bytes.append(decimal: total)
        bytes.append(0x0A)
    }
}

extension Int64 {
    /// The nearest integer, or the nearest end of the range.
    fileprivate init(clampingRounded value: Double) {
        self = Int64(exactly: value.rounded()) ?? (value < 0 ? .min : .max)
    }
}
