public import JSON

extension FitReport {
    /// The answer as Docs/fit.md describes it: GiB with three decimals, tokens and bytes whole.
    ///
    /// - Parameter explains: whether each line of a budget says how it came about.
    public func json(explains: Bool = true) -> JSONValue {
        [
            "verdict": .string(verdict.rawValue),
            "confidence": [
                "level": .string(confidence.rawValue), "error_pct": .number(confidence.errorPercent),
            ],
            "best": best?.json(explains: explains) ?? .null,
            "candidates": .array(candidates.map { $0.json(explains: explains) }),
            "blockers": .array(blockers.map(\.json)),
            "changes": .array(changes.map(\.json)),
            "baseline_gb": .number(baseline.gigabytes),
            "baseline_gib": .gibibytes(baseline.bytes),
            "engine_version": .string(engineVersion.description),
            "max_model_len": contextLength.map { .integer(Int64($0)) } ?? .null,
            "assumptions": .array(assumptions.map(JSONValue.string)),
        ]
    }
}

extension FitCandidate {
    /// The candidate as the answer has it.
    public func json(explains: Bool = true) -> JSONValue {
        [
            "fits": .bool(fits),
            "device": [
                "product": .string(device.product?.name ?? device.name),
                "count": .integer(Int64(device.count)),
                "label_memory_mib": device.labelMiB.map { .integer(Int64($0)) } ?? .null,
                "nvlink": device.hasNVLink.map(JSONValue.bool) ?? .null,
            ],
            "gpus": .integer(Int64(parallelism.gpus)),
            "tensor_parallel": .integer(Int64(parallelism.tensor)),
            "pipeline_parallel": .integer(Int64(parallelism.pipeline)),
            "expert_parallel": .bool(parallelism.expert),
            "replicas_possible": .integer(Int64(replicas)),
            "quantization": .string(quantization),
            "kv_cache_dtype": .string(keyValueDtype),
            "per_gpu_gib": budget.json,
            "budget": .array(budget.lines.map { $0.json(explains: explains) }),
            "kv": cache.json,
            "args": .array(arguments.map(JSONValue.string)),
            "blockers": .array(blockers.map(\.json)),
        ]
    }
}

extension MemoryBudget {
    /// The sums, in GiB.
    public var json: JSONValue {
        [
            "visible": .gibibytes(visible),
            "fraction": .number(fraction),
            "budget": .gibibytes(budget),
            "weights": .gibibytes(self[.weights]),
            "activations": .gibibytes(self[.activations].addingSaturated(self[.multimodal])),
            "runtime_and_comm": .gibibytes(
                self[.runtime].addingSaturated(self[.communication]).addingSaturated(self[.system])
            ),
            "cuda_graphs": .gibibytes(self[.graphs]),
            "other": .gibibytes(
                self[.others].addingSaturated(self[.adapters]).addingSaturated(self[.states])
            ),
            "kv_available": .gibibytes(cache),
            "kv_available_low": .gibibytes(lowCache),
            "kv_available_high": .gibibytes(highCache),
            "headroom": .gibibytes(headroom),
        ]
    }
}

extension MemoryBudget.Line {
    /// The line as the answer has it.
    public func json(explains: Bool) -> JSONValue {
        var value: JSONValue = ["code": .string(code.rawValue), "gib": .gibibytes(bytes)]
        if explains { value["note"] = .string(note) }
        return value
    }
}

extension CacheCapacity {
    /// What the cache holds, as the answer has it.
    public var json: JSONValue {
        [
            "bytes_per_token_per_gpu": .integer(Int64(saturating: bytesPerToken)),
            "state_bytes_per_sequence": .integer(Int64(saturating: bytesPerSequence)),
            "bytes_per_request": .integer(bytesPerRequest),
            "tokens": .integer(tokens),
            "tokens_low": .integer(lowTokens),
            "tokens_high": .integer(highTokens),
            "max_concurrency_at_len": concurrency.isFinite
                ? .number((concurrency * 100).rounded(.down) / 100) : .null,
            "largest_model_len": .integer(Int64(largestContext)),
        ]
    }
}

extension FitBlocker {
    /// The blocker as the answer has it.
    public var json: JSONValue {
        var value: JSONValue = ["code": .string(code.rawValue), "detail": .string(detail)]
        if let needBytes { value["need_gib"] = .gibibytes(needBytes) }
        if let haveBytes { value["have_gib"] = .gibibytes(haveBytes) }
        if let fix { value["fix"] = fix.json }
        return value
    }
}

extension FitChange {
    /// The change as members of a request.
    public var json: JSONValue {
        switch self {
        case .batch(let sequences, let tokens):
            ["max_num_seqs": .integer(Int64(sequences)), "max_num_batched_tokens": .integer(Int64(tokens))]
        case .keyValueDtype(let name): ["kv_cache_dtype": .string(name)]
        case .contextLength(let length): ["max_model_len": .integer(Int64(length))]
        case .memoryFraction(let fraction): ["memory_fraction": .number(fraction)]
        case .quantization(let name): ["quantization": .string(name)]
        case .tensorParallel(let ranks): ["tensor_parallel": .integer(Int64(ranks))]
        case .gpus(let count): ["gpus": .integer(Int64(count))]
        case .engineVersion(let version): ["engine_version": .string(version.description)]
        case .expertParallel: ["expert_parallel": true]
        case .concurrency(let count): ["concurrency": .integer(Int64(count))]
        }
    }
}

extension JSONValue {
    /// Bytes in GiB, with three decimals.
    fileprivate static func gibibytes(_ bytes: Int64) -> JSONValue {
        .number((bytes.gibibytes * 1000).rounded() / 1000)
    }
}
