/// What the label `nvidia.com/gpu.product` says: the product's name and, behind it, how the card is divided.
///
/// GPU Feature Discovery writes NVML's name with dashes for spaces, appends `-MIG-<profile>` under the single MIG strategy
/// and `-SHARED` where a card is time-sliced or shared by MPS (k8s-device-plugin, `internal/lm/resource.go`).
public struct GPUProductLabel: Sendable, Hashable {
    /// The name of the card without suffixes.
    public let name: String
    /// The slice that each device is.
    public let migProfile: MIGProfile?
    /// Whether several workloads share each device.
    public let isShared: Bool

    /// Reads a label's value, or a name with spaces as NVML has it.
    public init(_ value: some StringProtocol) {
        var name = value.split(separator: " ").joined(separator: "-")[...]
        isShared = name.hasSuffix("-SHARED")
        if isShared { name = name.dropLast("-SHARED".count) }
        var profile: MIGProfile?
        if let marker = Self.lastRange(of: "-MIG-", in: name) {
            // The plus of `+me` is dropped by the labeller.
            let text = name[marker.upperBound...]
            profile =
                MIGProfile(parsing: text)
                ?? (text.hasSuffix("me") ? MIGProfile(parsing: text.dropLast(2) + ".me") : nil)
            if profile != nil { name = name[..<marker.lowerBound] }
        }
        migProfile = profile
        self.name = String(name)
    }

    private static func lastRange(of marker: String, in text: Substring) -> Range<Substring.Index>? {
        var tail = text
        while let end = tail.lastIndex(of: "-") {
            let through = text.index(after: end)
            if text[..<through].hasSuffix(marker) {
                return text.index(through, offsetBy: -marker.count)..<through
            }
            tail = text[..<end]
        }
        return nil
    }
}
