/// What generation of NVIDIA's instruction set a GPU has, as in `9.0`.
///
/// Source: CUDA C++ Programming Guide, "Compute Capabilities".
public struct ComputeCapability: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The generation: 8 is Ampere or Ada Lovelace, 9 Hopper, 10 and 12 Blackwell.
    public let major: Int
    /// The variant within the generation.
    public let minor: Int

    /// A capability of these numbers.
    public init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Reads `major.minor`; nil for any other text.
    public init?(parsing text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let major = Int(parts[0]), let minor = Int(parts[1]), major > 0, minor >= 0
        else {
            return nil
        }
        self.init(major, minor)
    }

    /// Whether the left one is the older.
    public static func < (left: ComputeCapability, right: ComputeCapability) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }

    /// `major.minor`.
    public var description: String { "\(major).\(minor)" }
}
