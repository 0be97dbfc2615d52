/// The dtype in which keys and values are cached.
public struct KeyValueDtype: Sendable, Hashable {
    /// The name as engines take it: `auto`, `fp8`, `q8_0`.
    public let name: String
    /// Bytes of an element, scales included.
    public let bytesPerElement: Double

    /// 16-bit floats.
    public static let half = KeyValueDtype(name: "bf16", bytesPerElement: 2)
    /// 8-bit floats.
    public static let fp8 = KeyValueDtype(name: "fp8", bytesPerElement: 1)

    private init(name: String, bytesPerElement: Double) {
        self.name = name
        self.bytesPerElement = bytesPerElement
    }

    /// Reads a name; nil for `auto` and for a name that is none.
    ///
    /// Sizes of the block formats are those of ggml: 32 elements with a 16-bit scale, and a minimum for the `_1` kinds.
    public init?(parsing text: some StringProtocol) {
        let name = text.lowercased()
        switch name {
        case "f16", "fp16", "float16", "half": self.init(name: name, bytesPerElement: 2)
        case "bf16", "bfloat16": self = .half
        case "f32", "fp32", "float32": self.init(name: name, bytesPerElement: 4)
        case "fp8", "fp8_e4m3", "fp8_e5m2", "fp8_inc", "int8", "fp8_e4m3fnuz":
            self.init(name: name, bytesPerElement: 1)
        case "nvfp4", "fp4": self.init(name: name, bytesPerElement: 0.5 + 1.0 / 16)
        case "q8_0": self.init(name: name, bytesPerElement: 34.0 / 32)
        case "q5_1": self.init(name: name, bytesPerElement: 24.0 / 32)
        case "q5_0": self.init(name: name, bytesPerElement: 22.0 / 32)
        case "q4_1": self.init(name: name, bytesPerElement: 20.0 / 32)
        case "q4_0", "iq4_nl": self.init(name: name, bytesPerElement: 18.0 / 32)
        default: return nil
        }
    }
}
