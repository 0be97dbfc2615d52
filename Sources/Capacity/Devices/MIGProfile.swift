/// A slice of a GPU that Multi-Instance GPU makes a device of its own, as in `3g.40gb`.
///
/// Source: NVIDIA Multi-Instance GPU User Guide, "MIG Device Names".
public struct MIGProfile: Sendable, Hashable, CustomStringConvertible {
    /// How many of the seven compute slices it has.
    public let computeSlices: Int
    /// Its memory in GB as the name rounds it.
    public let nominalGB: Int
    /// Whether it has the media extensions: `+me` in the name of the device, `.me` in that of the resource.
    public let hasMediaExtensions: Bool

    /// Reads `1g.10gb`, `1g.10gb+me` or `1g.10gb.me`; nil for any other text.
    public init?(parsing text: some StringProtocol) {
        var name = Substring(text.lowercased())
        hasMediaExtensions = name.hasSuffix("+me") || name.hasSuffix(".me")
        if hasMediaExtensions { name = name.dropLast(3) }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].hasSuffix("g"), parts[1].hasSuffix("gb"),
            let slices = Int(parts[0].dropLast()), let memory = Int(parts[1].dropLast(2)),
            (1...7).contains(slices), (1...10_000).contains(memory)
        else { return nil }
        computeSlices = slices
        nominalGB = memory
    }

    /// The name without media extensions.
    public var description: String { "\(computeSlices)g.\(nominalGB)gb" }

    /// The memory in MiB of such a slice of a card with that much, a little under its share.
    ///
    /// A slice has a whole number of eighths of the card's memory, less about 5 % of an eighth: `1g.5gb` of 40,960 MiB is
    /// 4,864 MiB, `2g.10gb` 9,984.
    public func memoryMiB(ofCard cardMiB: Int) -> Int {
        let eighth = Double(cardMiB) / 8
        guard eighth > 0 else { return 0 }
        let share = (Double(nominalGB) * 1024 / eighth).rounded()
        return Int(Swift.max(1, Swift.min(8, share)) * eighth - eighth / 20)
    }
}
