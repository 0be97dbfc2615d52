/// A cache of a given size, as an engine divides it: what it holds of sequences of a given length.
struct CachePool {
    /// How an engine divides its cache.
    struct Policy {
        /// Tokens in a block.
        var blockSize = 16
        /// Whether layers that cache differently have blocks of their own (vLLM's hybrid cache).
        var groupsLayers = true
        /// Whether the number of tokens that the engine prints is what sequences of full length hold, not blocks.
        var printsByLength = true
        /// Tokens that are computed at once, which windowed layers keep beside their window.
        var tokensInFlight = 2048
        /// How memory is divided between layers that cache differently.
        var division = Division.blocks
    }

    /// How memory is divided between layers that cache differently.
    enum Division {
        /// All layers take blocks from one pool (vLLM).
        case blocks
        /// Recurrent states get that part of the memory, and windowed layers so many tokens for each one of the others'
        /// (SGLang).
        case pools(states: Double, windows: Double)
        /// Every layer has a buffer for so many sequences, sized at the start (llama.cpp).
        case buffers(sequences: Int)
    }

    let shape: CacheShape
    let policy: Policy
    /// Groups of equally many layers, whose blocks have the same size.
    private let units: [Unit]
    /// Bytes of a block of all layers of a group.
    private let bytesPerBlock: Double
    private let bytesPerToken: Double
    private let bytesPerTokenOfAllLayers: Double
    private let bytesPerSequence: Double

    private struct Unit {
        let span: AttentionSpan
        let isRecurrent: Bool
        /// How many such groups there are.
        let groups: Int
        /// Tokens in a block of these layers.
        let tokensPerBlock: Int
    }

    init(shape: CacheShape, policy: Policy) {
        let shape = policy.groupsLayers ? shape : shape.withoutWindows()
        self.shape = shape
        self.policy = policy
        bytesPerToken = shape.bytesPerToken
        bytesPerTokenOfAllLayers = shape.bytesPerTokenOfAllLayers
        bytesPerSequence = shape.bytesPerSequence
        let counts = shape.groups.map(\.layers)
        let least = counts.min() ?? 1
        let most = counts.max() ?? 1
        // Groups have as many layers as the rarest kind, unless kinds are about equally many (vLLM, `kv_cache_utils.py`).
        let size = most * 4 < least * 5 ? most : least
        let block = policy.blockSize
        // Blocks are as large as the largest state, and blocks of narrow layers have more tokens.
        let widest = shape.groups.map { $0.bytesPerToken * Double(block) }.max() ?? 0
        let state = shape.groups.map(\.bytesPerSequence).max() ?? 0
        var page = widest
        if state > widest, let narrow = shape.groups.filter({ !$0.isRecurrent }).map(\.bytesPerToken).max(),
            narrow > 0
        {
            let step = narrow * Double(block)
            page = (state / step).rounded(.up) * step
        } else {
            page = max(widest, state)
        }
        units = shape.groups.map { group in
            let tokens =
                group.isRecurrent
                ? 0 : max(1, Int(page / max(1, group.bytesPerToken * Double(block)))) * block
            return Unit(
                span: group.span,
                isRecurrent: group.isRecurrent,
                groups: (group.layers + size - 1) / size,
                tokensPerBlock: max(1, tokens) * group.tokensPerRow
            )
        }
        bytesPerBlock = page * Double(size)
    }

    /// Blocks that a sequence of that length takes.
    private func blocks(ofLength length: Int) -> Int64 {
        var total: Int64 = 0
        for unit in units {
            let groups = Int64(unit.groups)
            guard !unit.isRecurrent else {
                total += groups
                continue
            }
            let block = Int64(unit.tokensPerBlock)
            var tokens = Int64(length)
            var extra: Int64 = 0
            switch unit.span {
            case .all: break
            case .window(let size):
                // A window may begin anywhere in a block.
                tokens = min(tokens, Int64(size) - 1 + Int64(policy.tokensInFlight))
                extra = 1
            case .chunk(let size): tokens = min(tokens, Int64(size) + Int64(policy.tokensInFlight))
            }
            total += groups * ((tokens + block - 1) / block + extra)
        }
        return total
    }

    private func blockCount(_ bytes: Int64) -> Int64 {
        bytes <= 0 || bytesPerBlock <= 0
            ? 0 : Int64(saturating: (Double(bytes) / bytesPerBlock).rounded(.down))
    }

    /// Bytes that one sequence of that length needs.
    func bytes(ofLength length: Int) -> Int64 {
        switch policy.division {
        case .blocks:
            return Int64(saturating: Double(blocks(ofLength: length)) * bytesPerBlock + shape.bytesOfEncoder)
        case .pools, .buffers:
            // Without rounding to blocks.
            var total = bytesPerSequence
            for group in shape.groups where !group.isRecurrent {
                let tokens = cachedTokens(group, ofLength: length)
                total +=
                    Double(group.layers) * group.bytesPerToken
                    * (Double(tokens) / Double(group.tokensPerRow)).rounded(.up)
            }
            return Int64(saturating: total)
        }
    }

    private func cachedTokens(_ group: CacheShape.Group, ofLength length: Int) -> Int {
        guard let limit = group.span.limit else { return length }
        if case .buffers = policy.division { return min(length, limit + policy.tokensInFlight) }
        return min(length, limit)
    }

    /// How many sequences of that length fit at once, with a part of one.
    func concurrency(_ bytes: Int64, length: Int) -> Double {
        guard !shape.isEmpty else { return .infinity }
        guard bytes > 0 else { return 0 }
        switch policy.division {
        case .blocks:
            guard shape.bytesOfEncoder == 0 else {
                return Double(bytes) / max(1, Double(self.bytes(ofLength: length)))
            }
            return Double(blockCount(bytes)) / Double(max(1, blocks(ofLength: length)))
        case .pools(let states, _):
            // Where every layer has a window, a sequence takes no more than that.
            if bytesPerToken == 0, bytesPerSequence == 0 {
                return Double(bytes) / max(1, Double(self.bytes(ofLength: length)))
            }
            let perToken = Double(tokens(bytes, length: length)) / Double(max(1, length))
            let states =
                bytesPerSequence > 0 ? Double(bytes) * states / bytesPerSequence : .infinity
            return min(bytesPerToken > 0 || bytesPerSequence == 0 ? perToken : .infinity, states)
        case .buffers: return Double(bytes) / max(1, Double(self.bytes(ofLength: length)))
        }
    }

    /// How many tokens the cache holds, as the engine prints it.
    func tokens(_ bytes: Int64, length: Int) -> Int64 {
        guard bytes > 0, !shape.isEmpty else { return 0 }
        switch policy.division {
        case .blocks: return tokensOfBlocks(bytes, length: length)
        case .pools(let states, let windows):
            let whole = bytesPerToken
            let windowed = bytesPerTokenOfAllLayers - whole
            let divisor = whole > 0 ? whole + windows * windowed : windowed
            let rest = bytesPerSequence > 0 ? Double(bytes) * (1 - states) : Double(bytes)
            return divisor > 0 ? Int64(saturating: (rest / divisor).rounded(.down)) : 0
        case .buffers(let sequences):
            let fixed = Double(self.bytes(ofLength: length)) - bytesPerToken * Double(length)
            let rest = Double(bytes) - fixed * Double(sequences)
            return bytesPerToken > 0
                ? max(0, Int64(saturating: (rest / bytesPerToken).rounded(.down))) : 0
        }
    }

    private func tokensOfBlocks(_ bytes: Int64, length: Int) -> Int64 {
        let isUniform =
            units.count == 1 && units[0].span == .all && !units[0].isRecurrent && units[0].groups == 1
        if isUniform { return blockCount(bytes) * Int64(units[0].tokensPerBlock) }
        if policy.printsByLength {
            return Int64(saturating: concurrency(bytes, length: length) * Double(length))
        }
        let groups = Int64(units.reduce(0) { $0 + $1.groups })
        return blockCount(bytes) / max(1, groups) * Int64(units.map(\.tokensPerBlock).max() ?? 16)
    }

    /// The longest sequence that fits, of at most that length; 0 when not even one block does.
    func largestLength(_ bytes: Int64, most: Int) -> Int {
        guard !shape.isEmpty else { return most }
        guard bytes > 0 else { return 0 }
        var low = 0
        var high = most
        while low < high {
            let middle = low + (high - low + 1) / 2
            if holds(bytes, length: middle) { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// Whether one sequence of that length fits.
    func holds(_ bytes: Int64, length: Int) -> Bool {
        shape.isEmpty ? bytes >= 0 : bytes > 0 && concurrency(bytes, length: length) >= 1
    }
}
