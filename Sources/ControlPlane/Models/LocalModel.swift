public import Capacity

/// A model in a GGUF file of this machine.
public struct LocalModel: Sendable, Hashable {
    /// How it is called: ``idPrefix`` and the path below the models' folder.
    public let id: String
    /// The path of the file below the models' folder; of several parts the first.
    public let path: String
    /// The size of the file, of all its parts, in bytes.
    public let byteCount: Int64
    /// The number of parts.
    public let partCount: Int
    /// What its header says; nil when that could not be read.
    public let header: LocalModelHeader?
    /// Why the header could not be read.
    public let problem: String?

    /// What the names of all of them begin with. The Hub has no such owner for models here.
    public static let idPrefix = "local/"

    /// The name for people: that in the header, else the file's.
    public var name: String { header?.name ?? fileName }

    /// The file's name without its ending and without the number of the part.
    public var fileName: String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return GGUFFileName(file)?.base ?? file
    }

    /// The engines that run it: llama.cpp, unless it is known not to.
    public var engines: [InferenceEngine] {
        guard let header, !header.architecture.isEmpty else { return [.llamaCpp] }
        return InferenceEngine.running(header.architecture).contains(.llamaCpp) ? [.llamaCpp] : []
    }
}

/// What the header of a model's file says.
public struct LocalModelHeader: Sendable, Hashable {
    /// The model's own name; nil when it has none.
    public let name: String?
    /// GGUF's name of the architecture, as `qwen3`.
    public let architecture: String
    /// The longest context in tokens; nil when it is not told.
    public let contextLength: Int?
    /// The parameters, counted in the tensors.
    public let parameters: Int64
    /// The bytes of the weights.
    public let weightBytes: Int64
    /// The quantisation, as `Q4_K_M`; nil when it is not told.
    public let quantization: String?
    /// The size as the model's maker writes it, as `0.6B`; nil when it is not told.
    public let sizeLabel: String?
    /// Its licence; nil when it is not told.
    public let license: String?
    /// What counts for its fit.
    public let profile: ModelProfile

    init(_ headers: [GGUFHeader]) throws(ModelProfileFailure) {
        let profile = try ModelProfile(gguf: headers)
        let metadata = headers.first?.metadata ?? [:]
        func text(_ key: String) -> String? {
            if case .text(let text)? = metadata[key], !text.isEmpty { return text }
            return nil
        }
        name = text("general.name")
        self.profile = profile
        architecture = profile.architecture
        contextLength = profile.contextLength
        parameters = profile.parameters
        weightBytes = profile.weightBytes
        quantization = profile.ggufFormat
        sizeLabel = text("general.size_label")
        license = text("general.license")
    }
}

/// The name of a GGUF file, of which large ones are split: `model-00001-of-00003.gguf` (llama.cpp, `llama_split_path`).
struct GGUFFileName: Hashable {
    /// The name without the ending and the number of the part.
    let base: String
    /// The number of the part, from 1, and how many there are; nil for a whole file.
    let part: (number: Int, count: Int)?

    /// Reads a file's name; nil when it is no GGUF file's.
    init?(_ name: String) {
        let ending = ".gguf"
        guard name.count > ending.count, name.lowercased().hasSuffix(ending) else { return nil }
        let stem = name.dropLast(ending.count)
        let words = stem.split(separator: "-", omittingEmptySubsequences: false)
        guard words.count >= 4, words[words.count - 2] == "of",
            let number = Self.number(words[words.count - 3]),
            let count = Self.number(words[words.count - 1]), (1...count).contains(number)
        else {
            base = String(stem)
            part = nil
            return
        }
        base = words.dropLast(3).joined(separator: "-")
        part = (number, count)
    }

    /// What the first part is called of which this is another, or the same.
    ///
    /// - Parameter name: the file's name.
    func nameOfFirstPart(_ name: String) -> String {
        guard let part else { return name }
        let end = name.dropFirst(base.count + 6)
        return part.number == 1 ? name : "\(base)-00001\(end)"
    }

    private static func number(_ word: Substring) -> Int? {
        guard word.utf8.count == 5, let number = Int(word), number > 0 else { return nil }
        return number
    }

    static func == (left: GGUFFileName, right: GGUFFileName) -> Bool {
        left.base == right.base && left.part?.number == right.part?.number
            && left.part?.count == right.part?.count
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(base)
        hasher.combine(part?.number)
    }

    /// Whether it holds the encoder of images that belongs to a model, and no model by itself (llama.cpp, `docs/multimodal.md`).
    var isProjector: Bool { base.lowercased().contains("mmproj") }
}
