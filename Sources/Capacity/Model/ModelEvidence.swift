public import JSON

/// What is known of a model's files, before it is understood. Everything is optional; more of it gives a better profile.
public struct ModelEvidence: Sendable {
    /// `config.json`.
    public var configuration: JSONValue?
    /// `hf_quant_config.json`, which ModelOpt writes beside or in place of a member of the configuration.
    public var quantization: JSONValue?
    /// `params.json` of Mistral's own format, for a repository without a configuration.
    public var mistralParameters: JSONValue?
    /// Every tensor of one set of weights, from the headers of its safetensors files.
    public var tensors: [SafetensorsTensor]
    /// How many elements of each dtype there are, as the Hub's `safetensors.parameters` counts: `["BF16": 8030261248]`.
    public var elementsByDtype: [String: Int64]
    /// The number of parameters, where somebody tells it.
    public var parameterCount: Int64?
    /// The repository's files.
    public var files: [RepositoryFile]

    /// Evidence of these things.
    public init(
        configuration: JSONValue? = nil,
        quantization: JSONValue? = nil,
        mistralParameters: JSONValue? = nil,
        tensors: [SafetensorsTensor] = [],
        elementsByDtype: [String: Int64] = [:],
        parameterCount: Int64? = nil,
        files: [RepositoryFile] = []
    ) {
        self.configuration = configuration
        self.quantization = quantization
        self.mistralParameters = mistralParameters
        self.tensors = tensors
        self.elementsByDtype = elementsByDtype
        self.parameterCount = parameterCount
        self.files = files
    }
}

/// A file of a model's repository.
public struct RepositoryFile: Sendable, Hashable {
    /// The path within the repository.
    public let path: String
    /// The size in bytes; nil where it is unknown.
    public let bytes: Int64?

    /// A file.
    public init(path: String, bytes: Int64?) {
        self.path = path
        self.bytes = bytes
    }
}

/// One tensor of a safetensors file.
public struct SafetensorsTensor: Sendable, Hashable {
    /// The name, as in `model.layers.0.self_attn.q_proj.weight`.
    public let name: String
    /// The dtype as the header names it: `BF16`, `F8_E4M3`, `I32`, `U8`, …
    public let dtype: String
    /// Its elements along each dimension.
    public let shape: [Int64]

    /// A tensor.
    public init(name: String, dtype: String, shape: [Int64]) {
        self.name = name
        self.dtype = dtype
        self.shape = shape
    }

    /// How many elements it has.
    public var elements: Int64 { shape.reduce(1) { max(0, $0).multipliedSaturated(by: max(0, $1)) } }

    /// Bytes of an element of a dtype; nil for a name that is none.
    ///
    /// Source: safetensors, "Format".
    public static func bytes(ofDtype dtype: String) -> Double? {
        switch dtype.uppercased() {
        case "F64", "I64", "U64": 8
        case "F32", "I32", "U32": 4
        case "F16", "BF16", "I16", "U16": 2
        case "F8_E4M3", "F8_E5M2", "F8_E8M0", "I8", "U8", "BOOL": 1
        case "F6_E2M3", "F6_E3M2": 0.75
        case "F4": 0.5
        default: nil
        }
    }

    /// Reads the header of a safetensors file: a JSON object, a tensor for each member but `__metadata__`.
    ///
    /// - Returns: nil when it is no such header.
    public static func tensors(inHeader header: JSONValue) -> [SafetensorsTensor]? {
        guard let members = header.objectValue else { return nil }
        var tensors: [SafetensorsTensor] = []
        tensors.reserveCapacity(members.count)
        for member in members where member.key != "__metadata__" {
            guard let dtype = member.value["dtype"]?.stringValue,
                let shape = member.value["shape"]?.arrayValue
            else {
                return nil
            }
            let sizes = shape.compactMap(\.integerValue)
            guard sizes.count == shape.count, sizes.allSatisfy({ $0 >= 0 }) else { return nil }
            tensors.append(SafetensorsTensor(name: member.key, dtype: dtype, shape: sizes))
        }
        return tensors
    }
}

extension ModelEvidence {
    /// Reads a document of a model's repository: JSON in which Python may have written numbers that JSON does not have,
    /// `Infinity`, `-Infinity` and `NaN`, as in the configurations of Nemotron-H. These are read as `null`.
    ///
    /// - Throws: where and why the bytes are no such text.
    public static func document(_ bytes: [UInt8]) throws(JSONParseError) -> JSONValue {
        do throws(JSONParseError) {
            return try JSONValue(parsing: bytes)
        } catch {
            let repaired = withoutInfinities(bytes)
            guard repaired != bytes else { throw error }
            return try JSONValue(parsing: repaired)
        }
    }

    private static func withoutInfinities(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var isInString = false
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if isInString, byte == UInt8(ascii: "\\") {
                result += bytes[index..<min(index + 2, bytes.count)]
                index += 2
                continue
            }
            if byte == UInt8(ascii: "\"") { isInString.toggle() }
            let word =
                isInString
                ? nil : ["-Infinity", "Infinity", "NaN"].first { bytes[index...].starts(with: $0.utf8) }
            if let word {
                result += "null".utf8
                index += word.utf8.count
            } else {
                result.append(byte)
                index += 1
            }
        }
        return result
    }
}
