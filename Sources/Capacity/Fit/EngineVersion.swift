/// The version of an inference engine: major, minor, patch.
public struct EngineVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The first number.
    public let major: Int
    /// The second number; releases of these engines differ by it.
    public let minor: Int
    /// The third number.
    public let patch: Int

    /// A version of these numbers.
    public init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Reads the first `major.minor[.patch]` of a text, as in `v0.25.1`, `0.13 nv26.01` or an image's tag. Of `0.1x` it is the
    /// last, 0.19, whose accounting is the strictest.
    ///
    /// - Returns: nil when there is none.
    public init?(parsing text: some StringProtocol) {
        for word in text.split(whereSeparator: { !($0.isASCII && ($0.isNumber || $0.isLetter || $0 == ".")) })
        {
            let digits = word.drop { $0 == "v" || $0 == "V" }
            let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count >= 2, let major = Int(parts[0]), (0...9999).contains(major) else { continue }
            let isRange = parts[1].count == 2 && (parts[1].last == "x" || parts[1].last == "X")
            let second = isRange ? "\(parts[1].dropLast())9" : String(parts[1].prefix { $0.isNumber })
            guard let minor = Int(second), (0...99_999).contains(minor) else { continue }
            let third = parts.count > 2 ? Int(parts[2].prefix { $0.isNumber }) ?? 0 : 0
            self.init(major, minor, third)
            return
        }
        return nil
    }

    /// Whether the left one is the earlier.
    public static func < (left: EngineVersion, right: EngineVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }

    /// `major.minor.patch`.
    public var description: String { "\(major).\(minor).\(patch)" }
}
