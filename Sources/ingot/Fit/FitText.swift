import Capacity
import ControlPlane

/// The answer about some GPUs, for people.
struct FitText {
    /// The lines.
    let text: String

    init(_ answer: FitService.Answer, _ request: FitRequest) {
        let report = answer.report
        let gpus = request.devices.map { "\($0.count) × \($0.product?.name ?? $0.name)" }
        let place = gpus.isEmpty ? "the cluster's GPUs" : gpus.joined(separator: ", ")
        let engine = FitFigures.name(answer.engine, report.engineVersion)
        var parts = [["\(request.model) on \(place) with \(engine): \(FitFigures.words(report.verdict))"]]
        if let best = report.best {
            parts.append(Self.summary(best, answer))
            parts.append(Self.budget(best))
            parts.append(Self.cache(best))
        }
        parts.append(Self.blockers(report, onCluster: gpus.isEmpty))
        parts.append(Self.changes(report, onCluster: gpus.isEmpty))
        parts.append(Self.others(report))
        parts.append(Self.list("Assumed", report.assumptions))
        text = parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    private static func summary(_ best: FitCandidate, _ answer: FitService.Answer) -> [String] {
        let report = answer.report
        let spread = best.parallelism
        var table = TextTable(header: ["", ""])
        table.rows = [
            [
                best.fits ? "Best" : "Nearest",
                "\(FitFigures.count(spread.gpus, "GPU")) \(best.device.product?.name ?? best.device.name), "
                    + "tensor parallel \(spread.tensor) × pipeline parallel \(spread.pipeline)"
                    + (spread.expert ? ", whole experts per GPU" : ""),
            ],
            [
                "Weights",
                "\(best.quantization == "none" ? "not quantised" : best.quantization), keys and values \(best.keyValueDtype)",
            ],
        ]
        if best.fits { table.rows.append(["Replicas", "\(best.replicas) side by side"]) }
        if let length = report.contextLength {
            table.rows.append([
                "Context",
                "\(FitFigures.grouped(length)) tokens; at most \(FitFigures.grouped(best.cache.largestContext)) fit",
            ])
            table.rows.append([
                "Concurrency",
                "\(FitFigures.decimals(best.cache.concurrency)) requests of \(FitFigures.grouped(length)) tokens",
            ])
        }
        let error = report.confidence.errorPercent
        table.rows.append([
            "Confidence",
            "\(report.confidence.rawValue.replacing("_", with: " ")); cached tokens to within \(Int(error)) %",
        ])
        table.rows.append(["Weights known from", Self.evidence(answer.evidence)])
        if let placement = answer.placement {
            let nodes = (placement.replicas.first ?? []).joined(separator: ", ")
            table.rows.append([
                "Placement", placement.isComplete ? "can go on \(nodes) now" : "nowhere just now",
            ])
        }
        if best.fits, !best.arguments.isEmpty {
            table.rows.append(["Arguments", best.arguments.joined(separator: " ")])
        }
        return table.lines
    }

    private static func evidence(_ evidence: FitEvidence) -> String {
        switch evidence.source {
        case .request: "the request"
        case .ggufHeader: "the header of \(evidence.file ?? "a GGUF file")"
        case .safetensorsHeaders: "the headers of \(FitFigures.count(evidence.files, "file"))"
        case .counts: "the configuration and the Hub's count"
        case .configuration: "the configuration"
        }
    }

    private static func budget(_ best: FitCandidate) -> [String] {
        let budget = best.budget
        var table = TextTable(header: ["MEMORY OF THE FULLEST GPU", "GiB", ""], numbers: [1])
        table.rows = [
            ["visible to a process", FitFigures.gibibytes(budget.visible), ""],
            [
                "for the engine", FitFigures.gibibytes(budget.budget),
                "fraction \(FitFigures.decimals(budget.fraction))",
            ],
        ]
        for line in budget.lines {
            let name = line.code.rawValue.replacing("_", with: " ")
            table.rows.append(["  - \(name)", FitFigures.gibibytes(line.bytes), line.note])
        }
        table.rows.append(["  = left for the cache", FitFigures.gibibytes(budget.cache), ""])
        table.rows.append([
            budget.headroom < 0 ? "lacking for the request" : "beyond the request",
            FitFigures.gibibytes(abs(budget.headroom)), "",
        ])
        return table.lines
    }

    private static func cache(_ best: FitCandidate) -> [String] {
        let budget = best.budget
        let cache = best.cache
        return TextTable(
            header: ["CACHE", "LOW", "EXPECTED", "HIGH"],
            numbers: [1, 2, 3],
            rows: [
                ["GiB"] + [budget.lowCache, budget.cache, budget.highCache].map(FitFigures.gibibytes),
                ["tokens"] + [cache.lowTokens, cache.tokens, cache.highTokens].map(FitFigures.grouped),
            ]
        ).lines
    }

    private static func blockers(_ report: FitReport, onCluster: Bool) -> [String] {
        guard !report.blockers.isEmpty else { return [] }
        var table = TextTable(header: ["IN THE WAY", "", "NEEDS GiB", "HAS GiB", "TRY"], numbers: [2, 3])
        table.rows = report.blockers.map { blocker in
            [
                blocker.code.rawValue, blocker.detail, blocker.needBytes.map(FitFigures.gibibytes) ?? "-",
                blocker.haveBytes.map(FitFigures.gibibytes) ?? "-",
                blocker.fix?.arguments(onCluster: onCluster) ?? "-",
            ]
        }
        return table.lines
    }

    private static func changes(_ report: FitReport, onCluster: Bool) -> [String] {
        list(
            "Each of these makes it fit, the smallest first",
            report.changes.map { $0.arguments(onCluster: onCluster) }
        )
    }

    private static func others(_ report: FitReport) -> [String] {
        let others = report.candidates.dropFirst()
        guard !others.isEmpty else { return [] }
        var table = TextTable(
            header: ["OTHER WAYS", "GPUS", "TP", "PP", "WEIGHTS GiB", "CACHE GiB", "CONTEXT", "CONCURRENCY"],
            numbers: [1, 2, 3, 4, 5, 6, 7]
        )
        table.rows = others.map { candidate in
            [
                candidate.device.product?.name ?? candidate.device.name, "\(candidate.parallelism.gpus)",
                "\(candidate.parallelism.tensor)", "\(candidate.parallelism.pipeline)",
                FitFigures.gibibytes(candidate.budget[.weights]),
                FitFigures.gibibytes(candidate.budget.cache),
                FitFigures.grouped(candidate.cache.largestContext),
                FitFigures.decimals(candidate.cache.concurrency),
            ]
        }
        return table.lines
    }

    private static func list(_ title: String, _ entries: [String]) -> [String] {
        entries.isEmpty ? [] : ["\(title):"] + entries.map { "  \($0)" }
    }
}
