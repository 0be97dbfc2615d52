internal import JSON

extension LayoutReader {
    /// Reads one layer: what it mixes with, its feed-forward block or experts, its norms.
    mutating func readLayer(_ index: Int) {
        var parameters = ComponentAmounts()
        let hidden = Int64(layout.hiddenSize)
        parameters[.norms] = hidden * (configuration.isFamily("gemma") ? 4 : 2)
        if let block = configuration.value("block_configs")?[index] {
            layout.layers.append(searchedLayer(block, parameters))
            return
        }
        let mixer = mixer(of: index)
        addParameters(of: mixer, at: index, to: &parameters)
        switch pattern.map({ index < $0.count ? $0[index] : "*" }) {
        case "M", "*": break
        case "-": addDense(to: &parameters)
        case "E": addExperts(to: &parameters)
        default:
            if hasExperts(at: index) {
                addExperts(to: &parameters)
                // Gemma-4 adds its experts to the dense block.
                if configuration.flag("enable_moe_block") == true || configuration.isFamily("gemma4") {
                    addDense(to: &parameters)
                }
            } else {
                addDense(to: &parameters)
            }
        }
        if let crossed = configuration.integers("cross_attention_layers"), crossed.contains(index) {
            layout.layers.append(LayerProfile(mixer: .none, parameters: parameters))
            return
        }
        layout.layers.append(LayerProfile(mixer: mixer, parameters: parameters))
    }

    /// A layer of a network that was searched for (Nemotron Super and Ultra of the Llama line): each has its own number of
    /// KV heads and its own width, or lacks the part (`modeling_decilm.py`).
    private func searchedLayer(_ block: JSONValue, _ norms: ComponentAmounts) -> LayerProfile {
        var parameters = norms
        var mixer = TokenMixer.none
        let hidden = Int64(layout.hiddenSize)
        let attention = block["attention"]
        if attention?["replace_with_linear"]?.boolValue == true {
            parameters[.attentionQueryOutput] = hidden * hidden
        } else if attention?["no_op"]?.boolValue != true {
            let group = attention?["n_heads_in_group"]?.integerValue ?? 1
            mixer = .heads(headAttention(keyValueHeads: group > 0 ? heads / Int(clamping: group) : heads))
            addParameters(of: mixer, at: 0, to: &parameters)
        }
        let feedForward = block["ffn"]
        if feedForward?["replace_with_linear"]?.boolValue == true {
            parameters[.feedForward] = hidden * hidden
        } else if feedForward?["no_op"]?.boolValue != true,
            let multiple = feedForward?["ffn_mult"]?.doubleValue,
            multiple > 0, multiple < 1024
        {
            // Two thirds of the multiple, rounded up to 256.
            let width =
                (Int64(saturating: (2 * multiple * Double(hidden) / 3).rounded(.down)) + 255) / 256 * 256
            parameters[.feedForward] = .product(3, hidden, width)
        }
        return LayerProfile(mixer: mixer, parameters: parameters)
    }

    /// Plain attention of the configuration's heads.
    func headAttention(keyValueHeads: Int, span: AttentionSpan = .all) -> HeadAttention {
        HeadAttention(
            heads: heads,
            keyValueHeads: max(1, keyValueHeads),
            keySize: headSize,
            valueSize: configuration.integer("v_head_dim").flatMap { $0 > 0 ? $0 : nil } ?? headSize,
            span: span
        )
    }
}
