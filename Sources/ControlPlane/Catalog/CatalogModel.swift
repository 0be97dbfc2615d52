public import Capacity
public import JSON

/// A model of the catalogue: one that somebody has looked at and that is known to run.
public struct CatalogModel: Sendable, Hashable {
    /// The repository on the Hub; for a model that comes as a container image a name below `kaito/`.
    public let id: String
    /// The name for people.
    public let name: String
    /// What it is good for, in a sentence.
    public let summary: String
    /// About how many parameters it has, as people write it: `0.6B`.
    public let size: String
    /// What it is for: `text-generation` or `chat`.
    public let task: String
    /// The longest context in tokens.
    public let contextLength: Int
    /// The engines that run it, the preferred one first.
    public let engines: [InferenceEngine]
    /// The memory, in 10^9 bytes, that its GPUs need together for a context of 4096 tokens.
    public let minimumMemoryGB: Int
    /// The fewest GPUs of one machine that have it; 0 when it runs without.
    public let minimumGPUs: Int
    /// Whether one must accept terms on the Hub to get it.
    public let isGated: Bool
    /// Its parameters, all of them; nil where the exact number is not published.
    public let parameters: Int64?
    /// The class that it is run by, or GGUF's name of the architecture.
    public let architecture: String
    /// How its weights are quantised; nil when they have 16 bits.
    public let quantization: String?
    /// Its licence, by the name that its owner uses.
    public let license: String?
    /// What counts of its `config.json` for its fit; of a GGUF file that of the model that it was made of.
    public let configuration: JSONValue

    /// What the usual rule of 16-bit weights gives, whatever the weights have; nil when the number of parameters is not known.
    public var estimate: BaselineEstimate? { parameters.map { BaselineEstimate(parameters: $0) } }

    /// What its configuration says, in the mixture of its file where it comes as one; nil when that cannot be understood.
    public var profile: ModelProfile? {
        let evidence = ModelEvidence(configuration: configuration, parameterCount: parameters)
        guard let profile = try? ModelProfile(evidence) else { return nil }
        guard engines == [.llamaCpp] else { return profile }
        return quantization.flatMap { GGUFMixture(parsing: $0) }.map { profile.served(as: $0) }
    }
}
