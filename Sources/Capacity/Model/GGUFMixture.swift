/// What llama.cpp's quantiser makes of a model's matrices for the name of a mixture, as in `Q4_K_M`.
///
/// A mixture spends more bits on what suffers most: the output projection, values and the second feed-forward matrix of half
/// of the layers (llama.cpp, `llama-quant.cpp`). A file's header says it exactly; this is for when there is none.
public struct GGUFMixture: Sendable, Hashable {
    /// The name in llama.cpp's spelling.
    public let name: String
    /// Bits of most matrices.
    let base: Double
    /// Bits of values and second feed-forward matrices in the layers that get more.
    let more: Double
    /// The part of the layers that get more.
    let moreShare: Double
    /// Bits of the output projection.
    let head: Double
    /// Bits of the embedding where it is not the output projection.
    let embedding: Double

    /// Reads a name such as `q4_k_m` or `gguf-Q8_0`; nil for a name that is none.
    public init?(parsing text: some StringProtocol) {
        var name = text.uppercased()
        for prefix in ["GGUF-", "GGUF:", "GGUF_"] where name.hasPrefix(prefix) {
            name = String(name.dropFirst(prefix.count))
        }
        let bits: (base: Double, more: Double, share: Double, head: Double, embedding: Double)
        switch name {
        case "F32": bits = (32, 32, 0, 32, 32)
        case "F16", "BF16": bits = (16, 16, 0, 16, 16)
        case "Q8_0": bits = (8.5, 8.5, 0, 8.5, 8.5)
        case "Q6_K": bits = (6.5625, 6.5625, 0, 6.5625, 6.5625)
        case "Q5_K_M": bits = (5.5, 6.5625, 0.5, 6.5625, 5.5)
        case "Q5_K_S": bits = (5.5, 5.5, 0, 6.5625, 5.5)
        case "Q5_0": bits = (5.5, 5.5, 0, 6.5625, 5.5)
        case "Q5_1": bits = (6, 6, 0, 6.5625, 6)
        case "Q4_K_M": bits = (4.5, 6.5625, 0.5, 6.5625, 4.5)
        case "Q4_K_S": bits = (4.5, 5.5, 0.125, 6.5625, 4.5)
        case "Q4_0", "IQ4_NL": bits = (4.5, 4.5, 0, 6.5625, 4.5)
        case "Q4_1": bits = (5, 5, 0, 6.5625, 5)
        case "IQ4_XS": bits = (4.25, 5.5, 0.125, 6.5625, 4.25)
        case "MXFP4", "MXFP4_MOE": bits = (4.25, 4.25, 0, 8.5, 8.5)
        case "Q3_K_L": bits = (3.4375, 5.5, 1, 6.5625, 3.4375)
        case "Q3_K_M": bits = (3.4375, 4.5, 1, 6.5625, 3.4375)
        case "Q3_K_S": bits = (3.4375, 3.4375, 0, 6.5625, 3.4375)
        case "IQ3_M", "IQ3_S": bits = (3.4375, 4.5, 0.5, 6.5625, 3.4375)
        case "IQ3_XXS": bits = (3.0625, 3.4375, 0.5, 6.5625, 3.4375)
        case "Q2_K": bits = (2.625, 3.4375, 1, 6.5625, 2.625)
        case "IQ2_M", "IQ2_S": bits = (2.5625, 3.4375, 0.5, 5.5, 3.4375)
        case "IQ2_XS": bits = (2.3125, 2.625, 0.5, 5.5, 2.625)
        case "IQ2_XXS": bits = (2.0625, 2.625, 0.5, 5.5, 2.625)
        case "IQ1_M": bits = (1.75, 2.0625, 0.5, 5.5, 2.625)
        case "IQ1_S": bits = (1.5625, 2.0625, 0.5, 5.5, 2.625)
        default: return nil
        }
        self.name = name
        (base, more, moreShare, head, embedding) = (
            bits.base, bits.more, bits.share, bits.head, bits.embedding
        )
    }

    /// Bits of a parameter of a component, the mean over its matrices and the layers.
    func bits(of component: ParameterComponent, tiesEmbeddings: Bool, isGated: Bool) -> Double {
        let raised = base + (more - base) * moreShare
        switch component {
        case .embedding: return tiesEmbeddings ? head : embedding
        case .languageHead: return head
        // Values are half of it.
        case .attentionKeyValue: return (base + raised) / 2
        // The second matrix is a third of a gated block.
        case .feedForward, .experts, .sharedExperts:
            return isGated ? (2 * base + raised) / 3 : (base + raised) / 2
        case .router, .norms: return 32
        // Projectors are files of their own, 16 bits wide.
        case .towers: return 16
        case .attentionQueryOutput, .latentReplicated, .latentSharded, .recurrent, .perLayerEmbedding, .other:
            return base
        }
    }
}

extension ModelProfile {
    /// The profile as a GGUF file of that mixture would have it.
    public func served(as mixture: GGUFMixture) -> ModelProfile {
        var profile = self
        profile.quantization = nil
        profile.unknownQuantization = nil
        profile.ggufFormat = mixture.name
        func bytes(_ parameters: ComponentAmounts) -> ComponentAmounts {
            var result = ComponentAmounts()
            for component in ParameterComponent.allCases where parameters[component] > 0 {
                let bits = mixture.bits(of: component, tiesEmbeddings: tiesEmbeddings, isGated: true)
                result[component] = Int64(saturating: Double(parameters[component]) * bits / 8)
            }
            return result
        }
        profile.outsideBytes = bytes(outside)
        profile.layerBytes = layers.map { bytes($0.parameters) }
        profile.sum()
        return profile
    }
}
