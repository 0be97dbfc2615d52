internal import JSON

/// What a safetensors file begins with: the names, types and shapes of its tensors.
///
/// The format (huggingface.co/docs/safetensors, "Format"): 8 bytes with the length of the header, little-endian, then the header, a
/// JSON object with a member for each tensor and one, `__metadata__`, with texts.
public struct SafetensorsHeader: Sendable, Hashable {
    /// A tensor.
    public struct Tensor: Sendable, Hashable {
        /// Its name, as `model.layers.0.mlp.up_proj.weight`.
        public var name: String
        /// Its type, as `BF16`.
        public var type: String
        /// Its dimensions.
        public var shape: [Int64]
        /// The bytes that it takes in the file.
        public var byteCount: Int64

        /// A tensor.
        public init(name: String, type: String, shape: [Int64], byteCount: Int64) {
            self.name = name
            self.type = type
            self.shape = shape
            self.byteCount = byteCount
        }

        /// The number of its elements, those of a packed type as they are packed.
        public var elementCount: Int64 { shape.reduce(1, *) }
    }

    /// The tensors, in the order of the header.
    public var tensors: [Tensor]
    /// The bytes that the header takes.
    public var byteCount: Int

    /// The longest header in bytes: the format allows 100 MB.
    public static let longest = 100_000_000

    /// A header with these tensors that takes so many bytes.
    public init(tensors: [Tensor], byteCount: Int) {
        self.tensors = tensors
        self.byteCount = byteCount
    }

    /// Reads the first bytes of a file.
    ///
    /// - Throws: `HubError` of the kind `badAnswer` when they are no header.
    static func read(_ bytes: [UInt8]) throws(HubError) -> PrefixReading<SafetensorsHeader> {
        guard bytes.count >= 8 else { return .needs(8) }
        let length = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length >= 2, length <= UInt64(longest) else {
            throw HubError(.badAnswer, "a safetensors file begins with a header of \(length) bytes")
        }
        let end = 8 + Int(length)
        guard bytes.count >= end else { return .needs(end) }
        return .complete(try SafetensorsHeader(json: bytes[8..<end]))
    }

    private init(json bytes: ArraySlice<UInt8>) throws(HubError) {
        guard let members = (try? JSONValue(parsing: bytes))?.objectValue else {
            throw HubError(.badAnswer, "a safetensors file's header is no JSON object")
        }
        tensors = []
        byteCount = bytes.count
        for member in members where member.key != "__metadata__" {
            guard let tensor = Tensor(name: member.key, json: member.value) else {
                throw HubError(
                    .badAnswer,
                    "a safetensors file's header has a tensor without type, shape or place"
                )
            }
            tensors.append(tensor)
        }
    }
}

extension SafetensorsHeader.Tensor {
    fileprivate init?(name: String, json: JSONValue) {
        guard let type = json["dtype"]?.stringValue, let sizes = json["shape"]?.arrayValue,
            let start = json["data_offsets"]?[0]?.integerValue,
            let end = json["data_offsets"]?[1]?.integerValue,
            0 <= start, start <= end
        else { return nil }
        var shape: [Int64] = []
        var product: Int64 = 1
        for size in sizes {
            guard let size = size.integerValue, size >= 0 else { return nil }
            let (next, overflow) = product.multipliedReportingOverflow(by: size)
            if overflow { return nil }
            product = next
            shape.append(size)
        }
        self.init(name: name, type: type, shape: shape, byteCount: end - start)
    }
}
