/// A checkpoint's tensors sorted by component, as an engine serves them.
struct TensorInventory {
    /// Bytes by component.
    private(set) var bytes = ComponentAmounts()
    /// Elements by component.
    private(set) var elements = ComponentAmounts()
    /// Whether there is an output projection.
    private(set) var hasHead = false

    /// - Parameter layers: how many layers the configuration tells; tensors of later ones predict further tokens.
    init(_ tensors: [SafetensorsTensor], layers: Int, profile: ModelProfile) {
        for tensor in tensors {
            let name = tensor.name.lowercased()
            if name.contains("mtp.") || name.contains("nextn") || Self.isBeyond(layers, name) { continue }
            let count = tensor.elements
            let size = Self.servedSize(tensor, name)
            for (component, share) in Self.components(of: name, profile) {
                let part = Int64(saturating: Double(count) * share)
                elements[component] = elements[component].addingSaturated(part)
                bytes[component] = bytes[component].addingSaturated(Int64(saturating: Double(part) * size))
                if component == .languageHead { hasHead = true }
            }
        }
    }

    /// Bytes of an element when it is served: 32-bit matrices are cast down, scales stay as they are.
    private static func servedSize(_ tensor: SafetensorsTensor, _ name: String) -> Double {
        let stored = SafetensorsTensor.bytes(ofDtype: tensor.dtype) ?? 2
        let isScale = name.contains("scale") || name.contains("zeros") || name.contains("bias_correction")
        let isFloat = tensor.dtype.uppercased() == "F32" || tensor.dtype.uppercased() == "F64"
        return isFloat && !isScale && tensor.shape.count >= 2 ? 2 : stored
    }

    private static func isBeyond(_ layers: Int, _ name: String) -> Bool {
        guard layers > 0, !isTower(name) else { return false }
        let parts = name.split(separator: ".")
        guard let marker = parts.firstIndex(of: "layers"), marker + 1 < parts.count,
            let index = Int(parts[marker + 1])
        else {
            return false
        }
        return index >= layers
    }

    private static func isTower(_ name: String) -> Bool {
        [
            "vision", "visual", "audio", "mm_projector", "multi_modal_projector", "image_newline",
            "patch_merger",
        ]
        .contains { name.contains($0) }
    }

    /// The components that a tensor belongs to, with the share of each.
    private static func components(of name: String, _ profile: ModelProfile) -> [(ParameterComponent, Double)]
    {
        func any(_ parts: String...) -> Bool { parts.contains { name.contains($0) } }
        if isTower(name) { return [(.towers, 1)] }
        if any("per_layer") { return [(any("embed_tokens_per_layer") ? .perLayerEmbedding : .other, 1)] }
        if any("embed_tokens", "wte", "wpe", "word_embeddings", "tok_embeddings", "embedding.")
            || name == "embed.weight"
        {
            return [(.embedding, 1)]
        }
        if any("lm_head", "embed_out") || name == "output.weight" || name == "head.weight" {
            return [(.languageHead, 1)]
        }
        if any("norm", "ln_", "layernorm", "sinks") { return [(.norms, 1)] }
        if any("shared_expert") { return [(.sharedExperts, 1)] }
        if any("router", ".gate.", "e_score_correction") { return [(.router, 1)] }
        if any(".experts.") { return [(.experts, 1)] }
        if any(
            "linear_attn",
            "mamba",
            "mixer.in_proj",
            "mixer.out_proj",
            "mixer.conv",
            "a_log",
            "dt_bias",
            ".conv."
        ) {
            return [(.recurrent, 1)]
        }
        if any("q_a_proj", "kv_a_proj", "indexer", "wq_a") { return [(.latentReplicated, 1)] }
        if any("q_b_proj", "kv_b_proj", "wq_b") { return [(.latentSharded, 1)] }
        if any("k_proj", "v_proj", ".wk.", ".wv.", ".wkv.") { return [(.attentionKeyValue, 1)] }
        if any("qkv", "query_key_value", "c_attn") {
            let heads = Double(max(1, profile.attentionHeads))
            let keys = 2 * Double(profile.keyValueHeads) / (heads + 2 * Double(profile.keyValueHeads))
            return [(.attentionQueryOutput, 1 - keys), (.attentionKeyValue, keys)]
        }
        if any("attn", "attention", "q_proj", "o_proj") { return [(.attentionQueryOutput, 1)] }
        if any("mlp", "ffn", "feed_forward", "gate_proj", "up_proj", "down_proj", "fc1", "fc2") {
            return [(.feedForward, 1)]
        }
        return [(.other, 1)]
    }
}
