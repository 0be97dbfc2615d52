internal import Capacity

extension Calibration {
    /// The comparison as Markdown: a summary and a row for each record.
    public var markdown: String {
        var text = "| quantity | records | mean error | median error |\n| --- | --- | --- | --- |\n"
        for (name, comparisons) in [
            ("weights per GPU", weights), ("tokens of the engine's own cache", tokensOfCache),
            ("tokens end to end", tokens),
        ] {
            let mean = Self.percent(comparisons.meanError)
            text +=
                "| \(name) | \(comparisons.count) | \(mean) | \(Self.percent(comparisons.medianError)) |\n"
        }
        let right = judgements.filter { $0.fits == $0.serves }.count
        text += "| fits or does not | \(judgements.count) | \(right) right | |\n\n"
        text +=
            "| record | model | engine | GPU | weights, GiB | tokens of the cache | tokens end to end | fits |\n"
        text += "| --- | --- | --- | --- | --- | --- | --- | --- |\n"
        for record in records {
            let cells = [
                record.id, record.model, record.engine, "\(record.parallelism.gpus) × \(record.gpu)",
                Self.cell(weights, record.id, decimals: 2), Self.cell(tokensOfCache, record.id, decimals: 0),
                Self.cell(tokens, record.id, decimals: 0), judgement(record.id),
            ]
            text += "| " + cells.joined(separator: " | ") + " |\n"
        }
        return text
    }

    private func judgement(_ id: String) -> String {
        guard let judgement = judgements.first(where: { $0.id == id }) else { return "" }
        return "\(judgement.fits ? "yes" : "no") / \(judgement.serves ? "yes" : "no")"
    }

    /// `predicted / measured (error)`.
    private static func cell(_ comparisons: [Comparison], _ id: String, decimals: Int) -> String {
        guard let comparison = comparisons.first(where: { $0.id == id }) else { return "" }
        let predicted = number(comparison.predicted, decimals)
        return
            "\(predicted) / \(number(comparison.measured, decimals)) (\(percent(comparison.error, signed: true)))"
    }

    private static func number(_ value: Double, _ decimals: Int) -> String {
        guard decimals > 0 else { return "\(Int(value.rounded()))" }
        let hundredths = Int((value * 100).rounded())
        let rest = abs(hundredths % 100)
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    private static func percent(_ value: Double, signed: Bool = false) -> String {
        let hundredths = Int((abs(value) * 10_000).rounded())
        let sign = signed && hundredths != 0 ? (value < 0 ? "−" : "+") : ""
        let rest = hundredths % 100
        return "\(sign)\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) %"
    }
}
