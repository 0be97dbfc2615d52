internal import JSON

extension GPUProduct {
    /// Every product that is known, in the table's order.
    public static let all: [GPUProduct] = (EmbeddedData.gpuProducts().arrayValue ?? []).compactMap(
        GPUProduct.init(json:)
    )

    private static let byName: [String: GPUProduct] = Dictionary(
        all.flatMap { product in ([product.name] + product.aliases).map { (normalised($0), product) } },
        uniquingKeysWith: { first, _ in first }
    )

    /// The product that a node's label names.
    ///
    /// The label's suffixes for MIG and sharing do not count. A label that goes on behind a product's name is that product
    /// (`NVIDIA-B300-SXM6-AC-Custom`) only where the memory agrees: a laptop's GPU has the name of the desktop's.
    ///
    /// - Parameters:
    ///   - label: the value of `nvidia.com/gpu.product`, `amd.com/gpu.product-name`, `gpu.intel.com/product` or
    ///     `cloud.google.com/gke-tpu-accelerator`.
    ///   - memoryMiB: the whole card's memory from its label, where there is one.
    /// - Returns: nil when the product is unknown: then nothing but its labels is known of it.
    public static func matching(label: some StringProtocol, memoryMiB: Int? = nil) -> GPUProduct? {
        let name = normalised(GPUProductLabel(label).name)
        if let exact = byName[name] { return exact }
        let tokens = tokens(of: name)
        let candidates = all.filter { product in
            let names = [product.name] + product.aliases
            return switch product.vendor {
            // NVML's names begin alike, the others' labels hold the product's name somewhere.
            case .nvidia: names.contains { name.hasPrefix(normalised($0) + "-") }
            default: names.contains { Self.tokens(of: normalised($0)).isSubset(of: tokens) }
            }
        }
        let longest = candidates.max { $0.name.utf8.count < $1.name.utf8.count }
        guard let longest, longest.vendor == .nvidia else { return longest }
        guard let memoryMiB, longest.hasMemory(about: memoryMiB) else { return nil }
        return longest
    }

    /// Whether that is the card's memory in MiB, give or take what drivers and error correction make of it.
    public func hasMemory(about labelMiB: Int) -> Bool {
        ([memoryMiB].compactMap(\.self) + olderMemoryMiB).contains { abs($0 - labelMiB) * 40 <= $0 }
    }

    /// The product that a person means by a name, as in `H100`, `l40s` or `rtx 4090`.
    ///
    /// Every word must be in the product's name. Of several products it is the one with the least memory, which fits the
    /// least, and of these the first of the table.
    public static func named(_ text: some StringProtocol) -> GPUProduct? {
        let name = normalised(GPUProductLabel(text).name)
        if let exact = byName[name] ?? byName["nvidia-" + name] { return exact }
        let words = tokens(of: name)
        guard !words.isEmpty else { return nil }
        return all.filter { product in
            ([product.name] + product.aliases).contains { words.isSubset(of: tokens(of: normalised($0))) }
        }
        .reduce(nil) { best, next in
            guard let best else { return next }
            return next.visibleBytes < best.visibleBytes && !next.hasMemory(about: best.memoryMiB ?? 0)
                ? next : best
        }
    }

    private static func normalised(_ name: some StringProtocol) -> String {
        String(name.lowercased().map { $0 == " " || $0 == "_" ? "-" : $0 })
    }

    private static func tokens(of name: String) -> Set<Substring> { Set(name.split(separator: "-")) }
}
