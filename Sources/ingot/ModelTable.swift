import Capacity
import ControlPlane
import HuggingFace

/// The results of a search as a table for people.
struct ModelTable {
    /// The lines.
    let text: String

    init(_ results: SearchResults) {
        guard !results.models.isEmpty else {
            text =
                results.offset > 0
                ? "No further models: there are \(results.total)."
                : "No model that an engine runs has these words in its name."
            return
        }
        let header = ["MODEL", "PARAMETERS", "EST. MEMORY", "ENGINES", "DOWNLOADS", "GATED"]
        let rows = results.models.map { model in
            [
                model.id.text, model.parameterCount.map(Self.short) ?? "-", model.estimate?.text ?? "-",
                model.engines.map(\.rawValue).joined(separator: ","), model.downloads.map(Self.short) ?? "-",
                model.gate.map { $0 == .open ? "no" : "yes" } ?? "-",
            ]
        }
        var lines = TextTable(header: header, numbers: [1, 2, 4], rows: rows).lines
        if results.hasMore {
            lines.append("")
            lines.append("There are more: --offset \(results.offset + results.models.count)")
        }
        text = lines.joined(separator: "\n")
    }

    /// A number with three digits: `8.03B`, `912k`.
    static func short(_ number: Int64) -> String {
        let units: [(Double, String)] = [(1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")]
        guard let (unit, name) = units.first(where: { Double(number) >= $0.0 }) else { return "\(number)" }
        let amount = Double(number) / unit
        let scale: Double = amount < 10 ? 100 : amount < 100 ? 10 : 1
        let rounded = (amount * scale).rounded() / scale
        return rounded == rounded.rounded() ? "\(Int(rounded))\(name)" : "\(rounded)\(name)"
    }
}
