/// How a matrix of weights is stored on a GPU.
public struct WeightFormat: Sendable, Hashable {
    /// A short name: `bf16`, `fp8`, `int4-g128`, `nvfp4`, …
    public let name: String
    /// Bits for each parameter, scales and zero points included.
    public let bitsPerParameter: Double
    /// How many parameters in a row share a scale; a shard has a multiple of them. 1 where a scale is for a whole row or more.
    public let groupSize: Int

    /// A format of these properties.
    public init(name: String, bitsPerParameter: Double, groupSize: Int = 1) {
        self.name = name
        self.bitsPerParameter = bitsPerParameter
        self.groupSize = max(1, groupSize)
    }

    /// Whether the parameters are stored in fewer than 16 bits.
    public var isQuantised: Bool { bitsPerParameter < 15.9 }

    /// The bytes of so many parameters.
    public func bytes(of parameters: Int64) -> Int64 {
        Int64(saturating: Double(parameters) * bitsPerParameter / 8)
    }

    /// 16-bit floats, of either kind.
    public static let bf16 = WeightFormat(name: "bf16", bitsPerParameter: 16)
    /// 32-bit floats.
    public static let fp32 = WeightFormat(name: "fp32", bitsPerParameter: 32)
    /// 8-bit floats with a scale per tensor or row.
    public static let fp8 = WeightFormat(name: "fp8", bitsPerParameter: 8)
    /// 8-bit integers with a scale per tensor or row.
    public static let int8 = WeightFormat(name: "int8", bitsPerParameter: 8)
    /// 4-bit floats with an 8-bit exponent for each 32 (OCP Microscaling Formats 1.0).
    public static let mxfp4 = WeightFormat(name: "mxfp4", bitsPerParameter: 4 + 8.0 / 32, groupSize: 32)
    /// 8-bit floats with an 8-bit exponent for each 32 (OCP Microscaling Formats 1.0).
    public static let mxfp8 = WeightFormat(name: "mxfp8", bitsPerParameter: 8 + 8.0 / 32, groupSize: 32)
    /// 4-bit floats with an 8-bit scale for each 16.
    public static let nvfp4 = WeightFormat(name: "nvfp4", bitsPerParameter: 4 + 8.0 / 16, groupSize: 16)
    /// 4-bit floats of bitsandbytes whose scales are quantised too: one byte for each 64, and a float for each 256 of these.
    public static let nf4DoubleQuantised = WeightFormat(
        name: "nf4",
        bitsPerParameter: 4 + 8.0 / 64 + 32.0 / (64 * 256),
        groupSize: 64
    )
    /// 4-bit floats of bitsandbytes with a 32-bit scale for each 64.
    public static let nf4 = WeightFormat(name: "nf4", bitsPerParameter: 4 + 32.0 / 64, groupSize: 64)

    /// 8-bit floats with a 32-bit scale for each square block.
    public static func fp8Block(_ rows: Int, _ columns: Int) -> WeightFormat {
        let area = Double(max(1, rows)) * Double(max(1, columns))
        return WeightFormat(name: "fp8-block", bitsPerParameter: 8 + 32 / area, groupSize: max(rows, columns))
    }

    /// Integers with a 16-bit scale for each group and, where they are not symmetric, a zero point of their own width.
    ///
    /// - Parameter group: parameters for each scale; 0 or less for a whole row.
    public static func grouped(bits: Int, group: Int, hasZeros: Bool) -> WeightFormat {
        guard group > 0 else { return WeightFormat(name: "int\(bits)", bitsPerParameter: Double(bits)) }
        let scale = (16 + (hasZeros ? Double(bits) : 0)) / Double(group)
        return WeightFormat(
            name: "int\(bits)-g\(group)",
            bitsPerParameter: Double(bits) + scale,
            groupSize: group
        )
    }
}
