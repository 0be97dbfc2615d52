/// Puts together what the replicas of a deployment tell, as one program with all their work would tell it.
public enum MetricTotals {
    /// How values of one metric, with the same labels, become one.
    private enum Rule {
        /// Amounts of work and of memory, and the counts of histograms.
        case sum
        /// Parts of a whole that each replica has of its own.
        case mean
        /// Marks that something is so, the most that was ever seen, and quantiles, of which no exact total can be had.
        case greatest
        /// Times since when something counts.
        case least
    }

    /// The samples of all replicas, each name with the same labels once, in the order in which they are told first.
    public static func of(_ replicas: [[MetricSample]]) -> [MetricSample] {
        guard replicas.count > 1 else { return replicas.first ?? [] }
        struct Key: Hashable {
            let name: String
            let labels: [MetricSample.Label]
        }
        var totals: [MetricSample] = []
        var counts: [Int] = []
        var places: [Key: Int] = [:]
        for sample in replicas.joined() where sample.value.isFinite {
            let key = Key(name: sample.name, labels: sample.labels)
            guard let place = places[key] else {
                places[key] = totals.count
                totals.append(sample)
                counts.append(1)
                continue
            }
            counts[place] += 1
            let before = totals[place].value
            totals[place].value =
                switch rule(sample) {
                case .sum: before + sample.value
                case .mean: before + (sample.value - before) / Double(counts[place])
                case .greatest: max(before, sample.value)
                case .least: min(before, sample.value)
                }
        }
        return totals
    }

    /// Engines say in comments whether a metric is a counter or a gauge, but not whether gauges add up: their names do.
    private static func rule(_ sample: MetricSample) -> Rule {
        let name = sample.name
        if sample.labels.contains(where: { $0.name == "quantile" }) { return .greatest }
        for suffix in ["_bucket", "_sum", "_count", "_total"] where name.hasSuffix(suffix) { return .sum }
        if name.hasSuffix("_info") || name.hasSuffix("_max") { return .greatest }
        if name.hasSuffix("_created") || name.hasSuffix("_start_time_seconds") { return .least }
        for suffix in ["_perc", "_percent", "_ratio", "_rate", "_usage"] where name.hasSuffix(suffix) {
            return .mean
        }
        // Tokens in a second add up, slots in a decoding step do not.
        let isThroughput = name.contains("throughput") || name.hasSuffix("_per_s")
        return name.contains("_per_") && !isThroughput ? .mean : .sum
    }
}
