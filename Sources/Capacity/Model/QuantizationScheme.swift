/// How a checkpoint is quantised: in which format which of its matrices are, and which stay 16-bit.
public struct QuantizationScheme: Sendable, Hashable {
    /// The quantiser as the checkpoint names it: `fp8`, `awq`, `gptq`, `compressed-tensors`, `modelopt`, …
    public let method: String
    /// The format of what is quantised and has none of its own.
    public let format: WeightFormat
    /// The dtype in which the checkpoint wants keys and values cached, where it says: `fp8`.
    public let keyValueDtype: String?

    /// Whether linear layers that nothing is said of are quantised. Not where a list names what is.
    let quantisesAll: Bool
    /// Whether only routed experts are quantised, whatever the lists say: MXFP4 (vLLM `mxfp4.py`).
    let quantisesOnlyExperts: Bool
    /// Whether attention and the first and last layer stay 16-bit (Llama 3, arXiv:2407.21783, section 6.2).
    let keepsAttentionAndEnds: Bool
    /// Whether the output projection is quantised.
    let quantisesHead: Bool
    /// The modules that stay 16-bit.
    let kept: ModuleSet<Bool>
    /// The modules that have formats of their own.
    let chosen: ModuleSet<WeightFormat>

    init(
        method: String,
        format: WeightFormat,
        keyValueDtype: String? = nil,
        quantisesAll: Bool = true,
        quantisesOnlyExperts: Bool = false,
        keepsAttentionAndEnds: Bool = false,
        quantisesHead: Bool = false,
        kept: [String] = [],
        chosen: [(String, WeightFormat)] = []
    ) {
        self.method = method
        self.format = format
        self.keyValueDtype = keyValueDtype
        self.quantisesAll = quantisesAll
        self.quantisesOnlyExperts = quantisesOnlyExperts
        self.keepsAttentionAndEnds = keepsAttentionAndEnds
        self.quantisesHead = quantisesHead
        self.kept = ModuleSet(kept.map { ($0, true) })
        self.chosen = ModuleSet(chosen)
    }

    /// 8-bit floats made by the engine at load time, as `--quantization fp8` does: linear layers, a scale per tensor.
    public static let onlineFP8 = QuantizationScheme(method: "fp8", format: .fp8)
}

// MARK: Bytes

extension QuantizationScheme {
    /// The bytes of parameters, by component.
    ///
    /// - Parameters:
    ///   - outside: what is in no layer.
    ///   - layers: what each layer has.
    ///   - family: the model's, which tells how its modules are called.
    ///   - plain: the format of what is not quantised.
    func bytes(
        outside: ComponentAmounts,
        layers: [LayerProfile],
        family: String,
        plain: WeightFormat
    ) -> (outside: ComponentAmounts, layers: [ComponentAmounts]) {
        var around = ComponentAmounts()
        for component in ParameterComponent.allCases {
            let bits = bitsOutside(component, plain)
            around[component] = Self.bytes(of: outside[component], bits)
        }
        var usual: [Double?] = Array(repeating: nil, count: ParameterComponent.allCases.count)
        var result: [ComponentAmounts] = []
        result.reserveCapacity(layers.count)
        // Most layers are like the one before.
        var before: (parameters: ComponentAmounts, bytes: ComponentAmounts)?
        for (index, layer) in layers.enumerated() {
            let isEnd = index == 0 || index == layers.count - 1
            let isUsual =
                !kept.isSpecial(index) && !chosen.isSpecial(index) && !(keepsAttentionAndEnds && isEnd)
            if isUsual, let before, before.parameters == layer.parameters {
                result.append(before.bytes)
                continue
            }
            var amounts = ComponentAmounts()
            for component in ParameterComponent.allCases where layer.parameters[component] > 0 {
                let bits: Double
                if isUsual, let known = usual[component.rawValue] {
                    bits = known
                } else {
                    bits = bitsInLayer(component, index, isEnd: isEnd, family: family, plain)
                    if isUsual { usual[component.rawValue] = bits }
                }
                amounts[component] = Self.bytes(of: layer.parameters[component], bits)
            }
            if isUsual { before = (layer.parameters, amounts) }
            result.append(amounts)
        }
        return (around, result)
    }

    private static func bytes(of parameters: Int64, _ bits: Double) -> Int64 {
        Int64(saturating: Double(parameters) * bits / 8)
    }

    private func bitsOutside(_ component: ParameterComponent, _ plain: WeightFormat) -> Double {
        guard component == .languageHead else { return plain.bitsPerParameter }
        // A quantised head is rare enough that a list must say so.
        let named = chosen.value(of: "lm_head") ?? (quantisesHead ? format : plain)
        return named.bitsPerParameter
    }

    private func bitsInLayer(
        _ component: ParameterComponent,
        _ index: Int,
        isEnd: Bool,
        family: String,
        _ plain: WeightFormat
    ) -> Double {
        switch component {
        case .embedding, .languageHead, .router, .norms, .towers, .perLayerEmbedding:
            return plain.bitsPerParameter
        default: break
        }
        if quantisesOnlyExperts { return (component == .experts ? format : plain).bitsPerParameter }
        if keepsAttentionAndEnds {
            if isEnd || component == .attentionQueryOutput || component == .attentionKeyValue {
                return plain.bitsPerParameter
            }
        }
        let usual = quantisesAll ? format : plain
        if kept.isEmpty, chosen.isEmpty { return usual.bitsPerParameter }
        // The mean over the component's matrices, of the way of naming that the lists know best.
        var best: (told: Int, bits: Double) = (0, usual.bitsPerParameter)
        for names in ModuleNames.alternatives(of: component, family: family) {
            var told = 0
            var bits = 0.0
            for name in names {
                let full = "layers.\(index).\(name)"
                if let format = chosen.value(of: full, inLayer: index) {
                    told += 1
                    bits += format.bitsPerParameter
                } else if kept.value(of: full, inLayer: index) != nil {
                    told += 1
                    bits += plain.bitsPerParameter
                } else {
                    bits += usual.bitsPerParameter
                }
            }
            if told > best.told { best = (told, bits / Double(names.count)) }
        }
        return best.bits
    }
}
