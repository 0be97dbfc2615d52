import Capacity

/// How figures of a fit are written for people.
enum FitFigures {
    /// GiB with two decimals.
    static func gibibytes(_ bytes: Int64) -> String { decimals(bytes.gibibytes) }

    /// A number with two decimals.
    static func decimals(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "-" }
        let hundredths = Int64((abs(value) * 100).rounded())
        let rest = hundredths % 100
        let sign = value < 0 && hundredths > 0 ? "-" : ""
        return "\(sign)\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// A number with commas between thousands.
    static func grouped(_ number: Int64) -> String {
        let digits = Array(String(number.magnitude))
        var text = number < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }

    static func grouped(_ number: Int) -> String { grouped(Int64(number)) }

    /// `1 GPU`, `2 GPUs`.
    static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    /// An engine with its version; llama.cpp's builds have numbers, but no versions by which its memory differs.
    static func name(_ engine: InferenceEngine, _ version: EngineVersion) -> String {
        version == EngineVersion(0, 0) ? engine.rawValue : "\(engine.rawValue) \(version)"
    }

    /// The verdict in words.
    static func words(_ verdict: FitReport.Verdict) -> String {
        switch verdict {
        case .fits: "fits"
        case .fitsWithChanges: "does not fit as asked, but does with a change"
        case .doesNotFit: "does not fit"
        case .unsupported: "does not fit: the engine does not run it there"
        case .unknown: "unknown: a fact is missing"
        }
    }
}

extension FitChange {
    /// The change as arguments of `ingot fit`. A cluster's nodes have as many GPUs as they have.
    func arguments(onCluster: Bool) -> String {
        switch self {
        case .batch(let sequences, let tokens):
            "--max-num-seqs \(sequences) --max-num-batched-tokens \(tokens)"
        case .keyValueDtype(let name): "--kv-cache-dtype \(name)"
        case .contextLength(let length): "--context \(length)"
        case .memoryFraction(let fraction): "--memory-utilization \(fraction)"
        case .quantization(let name): "--quantization \(name)"
        case .tensorParallel(let ranks): "--tensor-parallel \(ranks)"
        case .gpus(let count): onCluster ? "nodes with \(count) GPUs" : "--count \(count)"
        case .engineVersion(let version): "--engine-version \(version)"
        case .expertParallel: "--expert-parallel"
        case .concurrency(let count): "--concurrency \(count)"
        }
    }
}
