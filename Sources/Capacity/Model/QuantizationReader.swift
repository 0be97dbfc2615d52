internal import JSON

/// What a checkpoint says of its quantisation.
enum QuantizationStatement: Sendable {
    /// Nothing: its weights are 16 or 32 bits wide.
    case none
    /// It is quantised so.
    case scheme(QuantizationScheme)
    /// It is quantised in a way that this version does not know, by that name.
    case unknown(String)
}

/// Reads `quantization_config` of a `config.json`, or a `hf_quant_config.json`.
struct QuantizationReader {
    /// The member, or the file; nil when there is neither.
    let object: JSONValue
    /// What it is a part of.
    let configuration: ModelConfiguration

    /// Reads what the configuration says, and the separate file of ModelOpt where there is one.
    ///
    /// Both may be there and say the same; the file has the lists in its `quantization` member.
    static func statement(configuration: ModelConfiguration, separate: JSONValue?) -> QuantizationStatement {
        let inner = separate?["quantization"] ?? separate
        let members = [
            configuration.value("quantization_config"), configuration.value("compression_config"), inner,
        ]
        let stated = members.compactMap(\.self).filter { $0.objectValue?.isEmpty == false }
        guard !stated.isEmpty else { return .none }
        var last = QuantizationStatement.none
        for object in stated {
            last = QuantizationReader(object: object, configuration: configuration).statement(separate: inner)
            if case .scheme = last { return last }
        }
        return last
    }

    private func integer(_ key: String, in object: JSONValue? = nil) -> Int? {
        (object ?? self.object)[key]?.integerValue.flatMap { (-1...65_536).contains($0) ? Int($0) : nil }
    }

    private func strings(_ keys: String...) -> [String] {
        keys.flatMap { object[$0]?.arrayValue?.compactMap(\.stringValue) ?? [] }
    }

    private var group: Int { integer("group_size") ?? integer("q_group_size") ?? 128 }
    private var kept: [String] {
        strings(
            "modules_to_not_convert",
            "ignore",
            "ignored_layers",
            "exclude_modules",
            "exclude",
            "llm_int8_skip_modules"
        )
    }

    private func statement(separate: JSONValue?) -> QuantizationStatement {
        let method = (object["quant_method"]?.stringValue ?? object["quant_library"]?.stringValue ?? "")
            .lowercased()
        let algorithm = object["quant_algo"]?.stringValue ?? separate?["quant_algo"]?.stringValue
        // ModelOpt writes its own method, none, or "fp8" beside its algorithm.
        if let algorithm { return modelOpt(algorithm.uppercased(), separate: separate) }
        switch method {
        case "fp8":
            // DeepSeek-V4's experts have 4 bits beside a block-wise FP8 rest.
            let hasNarrowExperts = configuration.string("expert_dtype")?.hasPrefix("fp4") == true
            return .scheme(
                QuantizationScheme(
                    method: "fp8",
                    format: fp8Format,
                    kept: kept,
                    chosen: hasNarrowExperts ? [("experts", .mxfp4)] : []
                )
            )
        case "fbgemm_fp8":
            return .scheme(
                QuantizationScheme(
                    method: "fbgemm_fp8",
                    format: .fp8,
                    keepsAttentionAndEnds: true,
                    kept: kept
                )
            )
        case "awq", "awq_marlin", "auto-awq":
            let zeros = object["zero_point"]?.boolValue ?? true
            return .scheme(make("awq", .grouped(bits: bits(4), group: group, hasZeros: zeros)))
        case "gptq", "gptq_marlin", "auto-round", "autoround", "intel/auto-round", "inc", "auto_gptq":
            let zeros = object["sym"]?.boolValue != true
            let head = object["lm_head"]?.boolValue == true
            return .scheme(make(method, .grouped(bits: bits(4), group: group, hasZeros: zeros), head: head))
        case "bitsandbytes": return bitsAndBytes()
        case "mxfp4", "gpt_oss_mxfp4":
            return .scheme(
                QuantizationScheme(method: "mxfp4", format: .mxfp4, quantisesOnlyExperts: true, kept: kept)
            )
        case "compressed-tensors", "sparseml": return compressedTensors()
        case "modelopt", "modelopt_fp4", "modelopt_mixed", "nvfp4": return compressedTensors()
        case "hqq":
            return .scheme(
                make("hqq", .grouped(bits: integer("nbits") ?? bits(4), group: group, hasZeros: true))
            )
        case "eetq", "experts_int8", "quanto":
            return .scheme(
                QuantizationScheme(
                    method: method,
                    format: .int8,
                    quantisesOnlyExperts: method == "experts_int8"
                )
            )
        case "torchao": return torchAO()
        case "quark": return quark()
        default:
            if object["config_groups"] != nil { return compressedTensors() }
            if object["bits"] != nil {
                return .scheme(
                    make(
                        method.isEmpty ? "gptq" : method,
                        .grouped(bits: bits(4), group: group, hasZeros: true)
                    )
                )
            }
            return .unknown(method.isEmpty ? "unnamed" : method)
        }
    }

    private func bits(_ usual: Int) -> Int {
        let told = integer("bits") ?? integer("w_bit") ?? usual
        return (1...16).contains(told) ? told : usual
    }

    private func make(_ method: String, _ format: WeightFormat, head: Bool = false) -> QuantizationScheme {
        QuantizationScheme(method: method, format: format, quantisesHead: head, kept: kept)
    }

    private var fp8Format: WeightFormat {
        guard let block = object["weight_block_size"]?.arrayValue, block.count == 2,
            let rows = block[0].integerValue, let columns = block[1].integerValue,
            (1...65_536).contains(rows), (1...65_536).contains(columns)
        else { return .fp8 }
        return .fp8Block(Int(rows), Int(columns))
    }

    private func bitsAndBytes() -> QuantizationStatement {
        if object["load_in_8bit"]?.boolValue == true || object["_load_in_8bit"]?.boolValue == true {
            return .scheme(make("bitsandbytes", .int8))
        }
        let isDouble = object["bnb_4bit_use_double_quant"]?.boolValue ?? false
        return .scheme(make("bitsandbytes", isDouble ? .nf4DoubleQuantised : .nf4))
    }

    private func torchAO() -> QuantizationStatement {
        let text = object["quant_type"]?.description.lowercased() ?? ""
        if text.contains("int4") {
            return .scheme(make("torchao", .grouped(bits: 4, group: group, hasZeros: true)))
        }
        if text.contains("float8") || text.contains("fp8") { return .scheme(make("torchao", .fp8)) }
        if text.contains("int8") { return .scheme(make("torchao", .int8)) }
        return .unknown("torchao")
    }

    private func quark() -> QuantizationStatement {
        guard let weight = object["global_quant_config"]?["weight"], let dtype = weight["dtype"]?.stringValue
        else {
            return .unknown("quark")
        }
        let cached = object["kv_cache_quant_config"]?.objectValue?.isEmpty == false ? "fp8" : nil
        let format: WeightFormat =
            if dtype == "fp4" {
                .mxfp4
            } else if dtype.hasPrefix("fp8") {
                .fp8
            } else if dtype.hasSuffix("int4") {
                .grouped(bits: 4, group: integer("group_size", in: weight) ?? 128, hasZeros: false)
            } else {
                .int8
            }
        return .scheme(QuantizationScheme(method: "quark", format: format, keyValueDtype: cached, kept: kept))
    }
}

// MARK: ModelOpt and compressed-tensors

extension QuantizationReader {
    /// A format by ModelOpt's name of the algorithm; nil for a name that is none.
    private static func format(ofAlgorithm name: String, group: Int) -> WeightFormat? {
        switch name.uppercased() {
        case "FP8", "FP8_PER_CHANNEL_PER_TOKEN": .fp8
        case "FP8_PB_WO", "FP8_BLOCK", "FP8_PB_REAL": .fp8Block(128, 128)
        case "NVFP4", "NVFP4_AWQ", "W4A16_NVFP4", "NVFP4_SVDQUANT": .nvfp4
        case "MXFP4", "W4A8_MXFP4_FP8", "W4A16_MXFP4": .mxfp4
        case "MXFP8": .mxfp8
        case "INT4_AWQ", "W4A16_AWQ", "W4A8_AWQ", "W4A16": .grouped(bits: 4, group: group, hasZeros: false)
        case "INT8", "INT8_SQ", "W8A8_SQ_PER_CHANNEL", "W8A16": .int8
        default: nil
        }
    }

    private func modelOpt(_ algorithm: String, separate: JSONValue?) -> QuantizationStatement {
        let lists = [object, separate].compactMap(\.self)
        let layers = lists.lazy.compactMap { $0["quantized_layers"]?.objectValue }.first { !$0.isEmpty }
        var kept = kept
        if let separate { kept += separate["exclude_modules"]?.arrayValue?.compactMap(\.stringValue) ?? [] }
        let chosen = (layers ?? JSONMembers()).prefix(200_000).compactMap {
            member -> (String, WeightFormat)? in
            let name = member.value["quant_algo"]?.stringValue ?? ""
            return Self.format(ofAlgorithm: name, group: integer("group_size", in: member.value) ?? group)
                .map { (member.key, $0) }
        }
        if algorithm == "MIXED_PRECISION" {
            // The method beside it tells what is not listed: DeepSeek-V4's NVFP4 experts on top of block-wise FP8.
            let isBlockwise = object["weight_block_size"] != nil
            let wide =
                isBlockwise ? fp8Format : chosen.map(\.1).max { $0.bitsPerParameter < $1.bitsPerParameter }
            // Without the list the experts' format cannot be told from the others'.
            guard let wide, !chosen.isEmpty else {
                return .unknown("MIXED_PRECISION without its list of layers")
            }
            return .scheme(
                QuantizationScheme(
                    method: "modelopt",
                    format: wide,
                    keyValueDtype: keyValueDtype(separate),
                    quantisesAll: isBlockwise,
                    kept: kept,
                    chosen: chosen
                )
            )
        }
        guard let format = Self.format(ofAlgorithm: algorithm, group: group) else {
            return .unknown(algorithm)
        }
        return .scheme(
            QuantizationScheme(
                method: "modelopt",
                format: format,
                keyValueDtype: keyValueDtype(separate),
                kept: kept,
                chosen: chosen
            )
        )
    }

    private func keyValueDtype(_ separate: JSONValue? = nil) -> String? {
        for object in [object, separate].compactMap(\.self) {
            if let name = object["kv_cache_quant_algo"]?.stringValue, name.uppercased().hasPrefix("FP8") {
                return "fp8"
            }
            if let name = object["kv_cache_scheme"]?.stringValue, name.uppercased().hasPrefix("FP8") {
                return "fp8"
            }
            if object["kv_cache_scheme"]?["num_bits"]?.integerValue == 8 { return "fp8" }
        }
        return nil
    }

    private func compressedTensors() -> QuantizationStatement {
        let form = object["format"]?.stringValue ?? ""
        var all: WeightFormat?
        var chosen: [(String, WeightFormat)] = []
        for group in object["config_groups"]?.objectValue ?? JSONMembers() {
            guard let weights = group.value["weights"] ?? group.value["weight"] else { continue }
            let format = Self.format(ofWeights: weights, form: group.value["format"]?.stringValue ?? form)
            let targets = group.value["targets"]?.arrayValue?.compactMap(\.stringValue) ?? ["Linear"]
            if targets.contains("Linear") { all = format }
            chosen += targets.filter { $0 != "Linear" }.prefix(200_000).map { ($0, format) }
        }
        if all == nil, chosen.isEmpty {
            // A file that lists no groups still names its format.
            let named: WeightFormat? =
                switch form {
                case "float-quantized", "naive-quantized": .fp8
                case "int-quantized": .int8
                case "pack-quantized": .grouped(bits: 4, group: 32, hasZeros: false)
                case "nvfp4-pack-quantized": .nvfp4
                case "mxfp4-pack-quantized": .mxfp4
                default: nil
                }
            guard let named else { return .unknown("compressed-tensors without groups") }
            all = named
        }
        let widest = chosen.map(\.1).max { $0.bitsPerParameter < $1.bitsPerParameter }
        return .scheme(
            QuantizationScheme(
                method: "compressed-tensors",
                format: all ?? widest ?? .fp8,
                keyValueDtype: keyValueDtype(),
                quantisesAll: all != nil,
                kept: kept,
                chosen: chosen
            )
        )
    }

    private static func format(ofWeights weights: JSONValue, form: String) -> WeightFormat {
        let bits = weights["num_bits"]?.integerValue.flatMap { (1...16).contains($0) ? Int($0) : nil } ?? 8
        let group = weights["group_size"]?.integerValue.flatMap { (1...65_536).contains($0) ? Int($0) : nil }
        if weights["type"]?.stringValue == "float" {
            if bits == 4 { return form.hasPrefix("mxfp4") || group == 32 ? .mxfp4 : .nvfp4 }
            if let block = weights["block_structure"]?.arrayValue, block.count == 2,
                let rows = block[0].integerValue, let columns = block[1].integerValue
            {
                return .fp8Block(Int(clamping: rows), Int(clamping: columns))
            }
            return group == 32 ? .mxfp8 : .fp8
        }
        let hasZeros = weights["symmetric"]?.boolValue == false
        return .grouped(bits: bits, group: group ?? 0, hasZeros: hasZeros)
    }
}
