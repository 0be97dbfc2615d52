/// Why the start of a GGUF file could not be read.
public enum GGUFFailure: Error, Sendable, Hashable {
    /// The bytes do not begin as a GGUF file does.
    case notGGUF
    /// A version that is not known: 2 and 3 are.
    case unsupportedVersion(UInt32)
    /// The header goes on behind the given bytes. At least so many are needed; more may be.
    case needsMoreBytes(atLeast: Int)
    /// What it says cannot be: a size beyond the limits, a type that is none, text that is not UTF-8.
    case malformed(String)
}

/// The header of a GGUF file: what the model is and which tensors it has, without their data.
///
/// Source: ggml, `docs/gguf.md`. Files come from anywhere, so every count is checked against a limit and against the bytes that
/// there are before anything is kept.
public struct GGUFHeader: Sendable, Hashable {
    /// A value of the metadata. Of arrays only those of small numbers are kept, for per-layer settings.
    public enum Value: Sendable, Hashable {
        /// Any integer.
        case integer(Int64)
        /// A float.
        case number(Double)
        /// A boolean.
        case flag(Bool)
        /// A text.
        case text(String)
        /// An array of integers, at most 4,096.
        case integers([Int64])
        /// Any other array: only how many elements it has.
        case array(count: Int64)
    }

    /// A tensor.
    public struct Tensor: Sendable, Hashable {
        /// The name, as in `blk.0.attn_q.weight`.
        public let name: String
        /// The name of the type, as in `Q4_K`.
        public let type: String
        /// How many elements it has.
        public let elements: Int64
        /// How many bytes its data takes.
        public let bytes: Int64
    }

    /// The metadata.
    public let metadata: [String: Value]
    /// The tensors, in the file's order.
    public let tensors: [Tensor]

    /// The most tensors and members of metadata that are read.
    private static let mostEntries: UInt64 = 200_000
    /// The longest name or key.
    private static let longestName: UInt64 = 65_535
    /// The longest text that is kept; a longer one, such as a chat template, is stepped over.
    private static let longestKept: UInt64 = 4096

    /// Reads the header at the start of a file.
    ///
    /// - Parameter bytes: the file's first bytes; 16 MiB hold any header that is known.
    /// - Throws: when there are too few bytes, or when they are no header.
    public init(_ bytes: some Collection<UInt8>) throws(GGUFFailure) {
        let read = { (buffer: UnsafeBufferPointer<UInt8>) -> Result<GGUFHeader, GGUFFailure> in
            var cursor = GGUFCursor(bytes: UnsafeRawBufferPointer(buffer))
            return Result { () throws(GGUFFailure) in try GGUFHeader(&cursor) }
        }
        self = try
            (bytes.withContiguousStorageIfAvailable(read) ?? Array(bytes).withUnsafeBufferPointer(read)).get()
    }

    private init(_ cursor: inout GGUFCursor) throws(GGUFFailure) {
        guard try cursor.matches("GGUF") else { throw .notGGUF }
        let version: UInt32 = try cursor.integer()
        guard version == 2 || version == 3 else { throw .unsupportedVersion(version) }
        let tensorCount: UInt64 = try cursor.integer()
        let memberCount: UInt64 = try cursor.integer()
        guard tensorCount <= Self.mostEntries, memberCount <= Self.mostEntries else {
            throw .malformed("too many entries")
        }
        var metadata: [String: Value] = [:]
        for _ in 0..<memberCount {
            let key = try cursor.text(most: Self.longestName)
            let type: UInt32 = try cursor.integer()
            metadata[key] = try Self.value(type, &cursor)
        }
        var tensors: [Tensor] = []
        for _ in 0..<tensorCount { tensors.append(try Self.tensor(&cursor)) }
        self.metadata = metadata
        self.tensors = tensors
    }

    private static func tensor(_ cursor: inout GGUFCursor) throws(GGUFFailure) -> Tensor {
        let name = try cursor.text(most: longestName)
        let dimensions: UInt32 = try cursor.integer()
        guard dimensions <= 8 else { throw .malformed("tensor '\(name)' has \(dimensions) dimensions") }
        var elements: Int64 = 1
        for _ in 0..<dimensions {
            let size: UInt64 = try cursor.integer()
            guard size <= 1 << 48 else { throw .malformed("tensor '\(name)' is too large") }
            elements = elements.multipliedSaturated(by: Int64(size))
        }
        guard elements < 1 << 50 else { throw .malformed("tensor '\(name)' is too large") }
        let number: UInt32 = try cursor.integer()
        guard let type = GGUFTensorType(number: number) else {
            throw .malformed("tensor '\(name)' has type \(number)")
        }
        let _: UInt64 = try cursor.integer()
        return Tensor(name: name, type: type.name, elements: elements, bytes: type.bytes(of: elements))
    }

    private static func value(_ type: UInt32, _ cursor: inout GGUFCursor) throws(GGUFFailure) -> Value {
        switch type {
        case 8: return .text(try cursor.text(most: UInt64(Int32.max), kept: longestKept))
        case 9:
            let element: UInt32 = try cursor.integer()
            let count: UInt64 = try cursor.integer()
            return try array(of: element, count: count, &cursor)
        default: return try scalar(type, &cursor)
        }
    }

    private static func scalar(_ type: UInt32, _ cursor: inout GGUFCursor) throws(GGUFFailure) -> Value {
        switch type {
        case 0: return .integer(Int64(try cursor.integer() as UInt8))
        case 1: return .integer(Int64(try cursor.integer() as Int8))
        case 2: return .integer(Int64(try cursor.integer() as UInt16))
        case 3: return .integer(Int64(try cursor.integer() as Int16))
        case 4: return .integer(Int64(try cursor.integer() as UInt32))
        case 5: return .integer(Int64(try cursor.integer() as Int32))
        case 6: return .number(Double(Float(bitPattern: try cursor.integer())))
        case 7: return .flag(try cursor.integer() as UInt8 != 0)
        case 10: return .integer(Int64(clamping: try cursor.integer() as UInt64))
        case 11: return .integer(try cursor.integer())
        case 12: return .number(Double(bitPattern: try cursor.integer()))
        default: throw .malformed("metadata of type \(type)")
        }
    }

    private static let sizes: [UInt32: UInt64] = [
        0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8,
    ]

    private static func array(of type: UInt32, count: UInt64, _ cursor: inout GGUFCursor) throws(GGUFFailure)
        -> Value
    {
        guard count <= 1 << 31 else { throw .malformed("an array of \(count) elements") }
        if type == 8 {
            // Each text takes at least its length, so the count is bounded by the bytes.
            for _ in 0..<count { _ = try cursor.text(most: UInt64(Int32.max), kept: 0) }
            return .array(count: Int64(count))
        }
        guard let size = sizes[type] else { throw .malformed("an array of type \(type)") }
        guard [0, 1, 2, 3, 4, 5, 7, 10, 11].contains(type), count <= 4096 else {
            try cursor.skip(count * size)
            return .array(count: Int64(count))
        }
        try cursor.require(count * size)
        var numbers: [Int64] = []
        for _ in 0..<count {
            switch try scalar(type, &cursor) {
            case .integer(let number): numbers.append(number)
            case .flag(let flag): numbers.append(flag ? 1 : 0)
            default: break
            }
        }
        return .integers(numbers)
    }
}

/// A place in the bytes of a header; every number is little-endian.
private struct GGUFCursor {
    let bytes: UnsafeRawBufferPointer
    private var index = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Throws unless there are so many bytes more.
    func require(_ count: UInt64) throws(GGUFFailure) {
        let left = UInt64(bytes.count - index)
        guard count <= left else {
            throw .needsMoreBytes(
                atLeast: Int(clamping: UInt64(index).addingReportingOverflow(count).partialValue)
            )
        }
    }

    mutating func skip(_ count: UInt64) throws(GGUFFailure) {
        try require(count)
        index += Int(count)
    }

    mutating func integer<Number: FixedWidthInteger>() throws(GGUFFailure) -> Number {
        let size = MemoryLayout<Number>.size
        try require(UInt64(size))
        let number = bytes.loadUnaligned(fromByteOffset: index, as: Number.self)
        index += size
        return Number(littleEndian: number)
    }

    /// Steps over that text where it comes next.
    mutating func matches(_ text: StaticString) throws(GGUFFailure) -> Bool {
        let count = text.utf8CodeUnitCount
        let expected = text.withUTF8Buffer { Array($0) }
        let there = min(count, bytes.count - index)
        guard bytes[index..<index + there].elementsEqual(expected.prefix(there)) else { return false }
        try skip(UInt64(count))
        return true
    }

    /// Reads a text; one that is longer than what is kept comes back empty.
    mutating func text(most: UInt64, kept: UInt64 = .max) throws(GGUFFailure) -> String {
        let length: UInt64 = try integer()
        guard length <= most else { throw .malformed("a text of \(length) bytes") }
        try require(length)
        let start = index
        index += Int(length)
        guard length <= kept else { return "" }
        guard let text = String(validating: bytes[start..<index], as: UTF8.self) else {
            throw .malformed("text that is not UTF-8")
        }
        return text
    }
}
