/// Units of memory, in bytes. "GiB" and "MiB" are binary (IEC 80000-13); "GB" is decimal.
public enum ByteCount {
    /// 2^20 bytes, the unit of the label `nvidia.com/gpu.memory`.
    public static let mebibyte: Int64 = 1 << 20
    /// 2^30 bytes, the unit in which engines print memory.
    public static let gibibyte: Int64 = 1 << 30

    /// So many GiB, rounded to whole bytes.
    public static func gibibytes(_ count: Double) -> Int64 {
        Int64(saturating: count * Double(gibibyte))
    }
}

extension Int64 {
    /// These bytes in GiB.
    public var gibibytes: Double { Double(self) / Double(ByteCount.gibibyte) }

    /// The nearest integer, or the last one of the range; 0 for what is no number.
    init(saturating value: Double) {
        if value.isNaN {
            self = 0
        } else if value >= 0x1p63 {
            self = .max
        } else if value <= -0x1p63 {
            self = .min
        } else {
            self = Int64(value.rounded())
        }
    }
}
