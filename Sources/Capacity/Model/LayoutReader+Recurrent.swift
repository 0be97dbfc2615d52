internal import JSON

extension LayoutReader {
    /// The state of the family's recurrence, per sequence and on all ranks together; nil where the file does not tell its size.
    func recurrentMixer() -> RecurrentMixer? { recurrence()?.mixer }

    /// The parameters of the family's recurrence.
    var recurrentParameters: Int64 { recurrence()?.parameters ?? 0 }

    private typealias Recurrence = (mixer: RecurrentMixer, parameters: Int64)

    private func recurrence() -> Recurrence? {
        gatedDeltaNet() ?? kimiDelta() ?? mamba2() ?? mamba() ?? shortConvolution() ?? lightning()
    }

    /// Gated delta net: Qwen3-Next, Qwen3.5, OLMo hybrid (`modeling_qwen3_next.py`).
    private func gatedDeltaNet() -> Recurrence? {
        guard let keyHeads = configuration.integer("linear_num_key_heads"),
            let valueHeads = configuration.integer("linear_num_value_heads"),
            let keySize = configuration.integer("linear_key_head_dim"),
            let valueSize = configuration.integer("linear_value_head_dim")
        else { return nil }
        let hidden = Int64(layout.hiddenSize)
        let kernel = Int64(configuration.integer("linear_conv_kernel_dim") ?? 4)
        let keys = Int64.product(Int64(keyHeads), Int64(keySize))
        let values = Int64.product(Int64(valueHeads), Int64(valueSize))
        let channels = 2 * keys + values
        let inward = Int64.product(hidden, channels + values + 2 * Int64(valueHeads))
        let parameters = inward.addingSaturated(.product(hidden, values)).addingSaturated(
            .product(channels, kernel)
        )
        return (
            RecurrentMixer(
                stateElements: .product(Int64(valueHeads), Int64(keySize), Int64(valueSize)),
                convolutionElements: .product(channels, max(0, kernel - 1))
            ), parameters
        )
    }

    /// Kimi delta attention (`modeling_kimi.py`).
    private func kimiDelta() -> Recurrence? {
        guard let linear = configuration.value("linear_attn_config"),
            let count = linear["num_heads"]?.integerValue, let size = linear["head_dim"]?.integerValue,
            (1...4096).contains(count), (1...8192).contains(size)
        else { return nil }
        let hidden = Int64(layout.hiddenSize)
        let kernel = min(64, max(1, linear["short_conv_kernel_size"]?.integerValue ?? 4))
        let width = count * size
        let gate =
            linear["use_full_rank_gate"]?.boolValue == true ? hidden * width : hidden * size + size * width
        let parameters =
            4 * hidden * width + (hidden * size + size * width) + gate + hidden * count + 3 * width * kernel
        return (
            RecurrentMixer(
                stateElements: .product(count, size, size),
                convolutionElements: 3 * width * (kernel - 1)
            ),
            parameters
        )
    }

    /// Mamba-2: Nemotron-H, Bamba, Granite 4, Falcon-H1, Zamba2 (`modeling_mamba2.py`).
    private func mamba2() -> Recurrence? {
        guard
            let heads = configuration.integer(
                "mamba_num_heads",
                "mamba_n_heads",
                "n_mamba_heads",
                "num_heads"
            ),
            let state = configuration.integer("ssm_state_size", "mamba_d_state", "state_size"),
            let size = configuration.integer("mamba_head_dim", "mamba_d_head", "mamba_headdim", "head_dim")
        else { return nil }
        let hidden = Int64(layout.hiddenSize)
        let groups = Int64(configuration.integer("n_groups", "mamba_n_groups", "mamba_ngroups") ?? 1)
        let kernel = Int64(configuration.integer("conv_kernel", "mamba_d_conv", "conv_dim") ?? 4)
        let inner = Int64.product(Int64(heads), Int64(size))
        let channels = inner.addingSaturated(.product(2, groups, Int64(state)))
        let inward = Int64.product(hidden, inner.addingSaturated(channels).addingSaturated(Int64(heads)))
        let parameters = inward.addingSaturated(.product(hidden, inner)).addingSaturated(
            .product(channels, kernel + 1)
        )
        return (
            RecurrentMixer(
                stateElements: .product(inner, Int64(state)),
                convolutionElements: .product(channels, max(0, kernel - 1))
            ), parameters
        )
    }

    /// The first Mamba: Mamba, Falcon Mamba, Jamba (`modeling_mamba.py`).
    private func mamba() -> Recurrence? {
        guard let state = configuration.integer("state_size", "mamba_d_state") else { return nil }
        let hidden = Int64(layout.hiddenSize)
        let expansion = Int64(configuration.integer("expand", "mamba_expand") ?? 2)
        let inner =
            configuration.integer("intermediate_size").map(Int64.init).flatMap {
                configuration.isFamily("jamba") ? nil : $0
            }
            ?? .product(expansion, hidden)
        let kernel = Int64(configuration.integer("conv_kernel", "mamba_d_conv") ?? 4)
        let rank = Int64(configuration.integer("time_step_rank", "mamba_dt_rank") ?? Int((hidden + 15) / 16))
        let states = Int64(state)
        let perChannel = 3 * hidden + kernel + 1 + rank + 2 * states + rank + 1 + states + 1
        return (
            RecurrentMixer(
                stateElements: .product(inner, states),
                convolutionElements: .product(inner, max(0, kernel - 1))
            ), .product(inner, perChannel)
        )
    }

    /// LFM2's short convolution (`modeling_lfm2.py`).
    private func shortConvolution() -> Recurrence? {
        guard configuration.isFamily("lfm2") else { return nil }
        let hidden = Int64(layout.hiddenSize)
        let kernel = Int64(configuration.integer("conv_L_cache") ?? 3)
        return (
            RecurrentMixer(stateElements: 0, convolutionElements: .product(hidden, kernel)),
            .product(4, hidden, hidden).addingSaturated(.product(hidden, kernel))
        )
    }

    /// MiniMax-01's lightning attention, whose state is a matrix per head (`modeling_minimax.py`).
    private func lightning() -> Recurrence? {
        guard configuration.isFamily("minimax"), heads > 0 else { return nil }
        let width = Int64.product(Int64(heads), Int64(headSize))
        return (
            RecurrentMixer(stateElements: .product(width, Int64(headSize)), convolutionElements: 0),
            .product(5, Int64(layout.hiddenSize), width)
        )
    }
}
