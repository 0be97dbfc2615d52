internal import JSON

/// An encoder of images or sound before the language model, with its projector.
struct EncoderTower {
    /// How many parameters it has.
    let parameters: Int64

    /// The towers of a multimodal configuration.
    static func towers(of configuration: ModelConfiguration, hiddenSize: Int) -> [EncoderTower] {
        var towers: [EncoderTower] = []
        for key in ["vision_config", "visual", "vision_tower_config"] {
            guard let object = configuration.root[key] ?? configuration.root["thinker_config"]?[key] else {
                continue
            }
            if let tower = vision(Sizes(object), hiddenSize: Int64(hiddenSize), configuration) {
                towers.append(tower)
                break
            }
        }
        for key in ["audio_config", "audio_encoder_config"] {
            guard let object = configuration.root[key] ?? configuration.root["thinker_config"]?[key] else {
                continue
            }
            if let tower = audio(Sizes(object), hiddenSize: Int64(hiddenSize)) {
                towers.append(tower)
                break
            }
        }
        if configuration.isFamily("whisper"), let tower = audio(Sizes(configuration.root), hiddenSize: 0) {
            towers.append(tower)
        }
        return towers
    }

    /// The sizes that an encoder's object tells, each small enough that products stay in range.
    private struct Sizes {
        let object: JSONValue
        init(_ object: JSONValue) { self.object = object }

        func size(_ keys: String...) -> Int64? {
            keys.lazy.compactMap { object[$0]?.integerValue }.first { (1...1_000_000).contains($0) }
        }

        func count(_ key: String) -> Int64 { Int64(object[key]?.arrayValue?.count ?? 0) }
    }

    /// A vision transformer: patches, positions, layers and what brings its output to the language model's width.
    private static func vision(_ sizes: Sizes, hiddenSize: Int64, _ configuration: ModelConfiguration)
        -> EncoderTower?
    {
        guard let width = sizes.size("vt_hidden_size", "embed_dim", "hidden_size", "width"),
            let layers = sizes.size("vt_num_hidden_layers", "depth", "num_hidden_layers", "layers")
        else { return nil }
        let ratio = Int64(saturating: sizes.object["mlp_ratio"]?.doubleValue ?? 4)
        let inner = sizes.size("vt_intermediate_size", "intermediate_size") ?? max(1, min(64, ratio)) * width
        let patch = sizes.size("patch_size") ?? 14
        let frames = sizes.size("temporal_patch_size") ?? 1
        // Pixtral's and Qwen2.5-VL's blocks have gates; SigLIP's, Qwen3-VL's and CLIP's have not.
        let isGated =
            ["pixtral", "qwen2_5_vl", "qwen2_5_omni"].contains {
                configuration.root["model_type"]?.stringValue?.hasPrefix($0) == true
            }
            || sizes.object["model_type"]?.stringValue == "pixtral"
            || sizes.object["model_type"]?.stringValue == "gemma4_vision"
        let block = 4 * width * width + (isGated ? 3 : 2) * Int64.product(width, inner) + 9 * width + inner
        var parameters = Int64.product(layers, block)
        parameters = parameters.addingSaturated(.product(3 * frames * patch * patch, width))
        let positions =
            sizes.size("num_position_embeddings") ?? sizes.size("position_embedding_size").map { 2 * $0 }
            ?? sizes.size("init_pos_emb_height").map { $0 * (sizes.size("init_pos_emb_width") ?? $0) }
        if let positions {
            parameters = parameters.addingSaturated(.product(positions, width))
        } else if let image = sizes.size("image_size"),
            sizes.object["position_embedding_type"]?.stringValue != "rope"
        {
            let side = image / max(1, patch)
            parameters = parameters.addingSaturated(.product(side, side, width))
        }
        // A projector that merges neighbouring patches sees all of them at once.
        let target = sizes.size("out_hidden_size", "text_hidden_size", "projection_dim") ?? hiddenSize
        if let merge = sizes.size("spatial_merge_size") ?? sizes.size("merge_kernel_size").map({ _ in 2 })
            ?? (sizes.count("merge_kernel_size") > 0 ? 2 : nil)
        {
            let merged = min(merge, 64) * min(merge, 64) * width
            let merger = merged * merged + Int64.product(merged, target)
            parameters = parameters.addingSaturated(
                .product(1 + sizes.count("deepstack_visual_indexes"), merger)
            )
        } else {
            parameters = parameters.addingSaturated(.product(width, target))
        }
        return EncoderTower(parameters: parameters)
    }

    /// Whisper's encoder, as Voxtral, Qwen2-Audio and Whisper itself have it: two convolutions and layers.
    private static func audio(_ sizes: Sizes, hiddenSize: Int64) -> EncoderTower? {
        guard let width = sizes.size("d_model", "hidden_size"),
            let layers = sizes.size("encoder_layers", "num_hidden_layers")
        else { return nil }
        let inner = sizes.size("encoder_ffn_dim", "intermediate_size") ?? 4 * width
        let bins = sizes.size("num_mel_bins") ?? 128
        let block = 4 * width * width + 2 * Int64.product(width, inner) + 9 * width + inner
        var parameters = Int64.product(layers, block)
        parameters = parameters.addingSaturated(3 * width * (bins + width))
        parameters = parameters.addingSaturated(.product(sizes.size("max_source_positions") ?? 1500, width))
        if hiddenSize > 0 {
            // Voxtral joins four frames before its two-layer projector.
            parameters = parameters.addingSaturated(.product(4 * width, hiddenSize)).addingSaturated(
                hiddenSize * hiddenSize
            )
        }
        return EncoderTower(parameters: parameters)
    }
}
