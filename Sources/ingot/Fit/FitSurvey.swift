import APIs
import Capacity
import ControlPlane
import JSON

/// The answers about every product, those first that the model fits on with the least memory.
struct FitSurvey {
    private let products: [FitService.ProductFit]
    private let document: FitRequestDocument

    init(_ products: [FitService.ProductFit], _ document: FitRequestDocument) {
        self.products =
            products.filter { $0.answer.report.verdict == .fits }.sorted { Self.memory($0) < Self.memory($1) }
            + products.filter { $0.answer.report.verdict != .fits }
        self.document = document
    }

    /// The memory of the GPUs of the best candidate together, in bytes.
    private static func memory(_ product: FitService.ProductFit) -> Int64 {
        let gpus = Int64(product.answer.report.best?.parallelism.gpus ?? 0)
        return product.product.visibleBytes.multipliedReportingOverflow(by: gpus).partialValue
    }

    /// Fits if it does on some product; unknown if it does on none, but might on one.
    var verdict: FitReport.Verdict {
        let verdicts = Set(products.map(\.answer.report.verdict))
        let order: [FitReport.Verdict] = [.fits, .unknown, .fitsWithChanges, .doesNotFit, .unsupported]
        return order.first(where: verdicts.contains) ?? .unknown
    }

    /// The model, and for each product what `POST /api/fit` would answer about a machine full of it.
    var json: JSONValue {
        [
            "model": .string(document.request.model),
            "verdict": .string(verdict.rawValue),
            "products": .array(
                products.map { entry in
                    [
                        "product": .string(entry.product.name),
                        "gpus": smallest(entry).map { .integer(Int64($0)) } ?? .null,
                        "answer": FitAnswer(entry.answer, explains: document.explains).json,
                    ]
                }
            ),
        ]
    }

    private func smallest(_ entry: FitService.ProductFit) -> Int? {
        entry.answer.report.verdict == .fits ? entry.answer.report.best?.parallelism.gpus : nil
    }

    /// A row for each product.
    var text: String {
        let request = document.request
        var lines: [String] = []
        if let answer = products.first?.answer {
            let report = answer.report
            let length = report.contextLength.map { " for \(FitFigures.grouped($0)) tokens of context" } ?? ""
            lines = [
                "\(request.model) with \(FitFigures.name(answer.engine, report.engineVersion))\(length), up to 8 GPUs of a machine",
                "",
            ]
        }
        var table = TextTable(
            header: [
                "PRODUCT", "GiB", "GPUS", "TP", "PP", "WEIGHTS GiB", "CACHE GiB, LOW", "HIGH", "CONTEXT",
                "CONCURRENCY", "IN THE WAY",
            ],
            numbers: Set(1...9)
        )
        table.rows = products.map(row)
        let end = ["", "These are the products whose memory was measured; --gpu takes others too."]
        return (lines + table.lines + end).joined(separator: "\n")
    }

    private func row(_ entry: FitService.ProductFit) -> [String] {
        let report = entry.answer.report
        let memory = FitFigures.gibibytes(entry.product.visibleBytes)
        guard report.verdict == .fits, let best = report.best else {
            let reason = report.blockers.first?.code.rawValue ?? report.verdict.rawValue
            return [entry.product.name, memory] + Array(repeating: "-", count: 8) + [reason]
        }
        return [
            entry.product.name, memory, "\(best.parallelism.gpus)", "\(best.parallelism.tensor)",
            "\(best.parallelism.pipeline)", FitFigures.gibibytes(best.budget[.weights]),
            FitFigures.gibibytes(best.budget.lowCache), FitFigures.gibibytes(best.budget.highCache),
            FitFigures.grouped(best.cache.largestContext), FitFigures.decimals(best.cache.concurrency), "-",
        ]
    }
}
