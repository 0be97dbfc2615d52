internal import Capacity

/// What the weights of a model are known from, in an answer on its fit.
public struct FitEvidence: Sendable, Hashable {
    /// Where the figures come from, the best first.
    public enum Source: String, Sendable, Hashable, CaseIterable {
        /// The header of a GGUF file, of all its parts.
        case ggufHeader = "gguf_header"
        /// The headers of the safetensors files: every tensor.
        case safetensorsHeaders = "safetensors_headers"
        /// The configuration, and how many elements of which dtype the Hub counts.
        case counts = "element_counts"
        /// The configuration alone.
        case configuration = "configuration"
        /// What the request says of the model.
        case request = "request"
    }

    /// Where the figures come from.
    public let source: Source
    /// How many files were read for their headers; 0 where none was.
    public let files: Int
    /// The GGUF file, of several parts the first; nil for other formats.
    public let file: String?
    /// Why nothing better was used where something better was called for; nil where it was used or not called for.
    public let note: String?

    init(_ source: Source, files: Int = 0, file: String? = nil, note: String? = nil) {
        self.source = source
        self.files = files
        self.file = file
        self.note = note
    }
}

/// A model as it was found out for a question of fit.
struct KnownModel: Sendable {
    /// The model.
    var profile: ModelProfile
    /// What it is known from.
    var evidence: FitEvidence
    /// Whether the Hub could not be asked just now.
    var isStale = false
    /// Whether its weights are GGUF files, for which llama.cpp is made.
    var isGGUF: Bool { profile.ggufFormat != nil || evidence.source == .ggufHeader }

    /// The engine that a request names; where it names none that which the files are for.
    func engine(for document: FitRequestDocument) -> InferenceEngine {
        !document.namesEngine && isGGUF ? .llamaCpp : document.request.engine
    }
}
