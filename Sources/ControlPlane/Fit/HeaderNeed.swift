internal import Capacity
internal import HuggingFace

/// Decides whether the headers of a model's safetensors files are worth their requests: where the configuration and the Hub's counts
/// agree on an unquantised model in one set of files they say all that headers would.
struct HeaderNeed {
    /// How far the files' bytes may be from those of the counted elements.
    private static let agreement = 0.02
    /// Elements of another dtype than the main one that are of no matter: norms, scales, biases.
    private static let sideShare = 0.01

    /// Why the headers are called for, in words; nil where they are not.
    ///
    /// - Parameters:
    ///   - profile: the model as it is known without them.
    ///   - evidence: what it is known from.
    ///   - isQuantized: whether the repository says that the weights are quantised.
    ///   - set: the files that an engine loads.
    ///   - sets: all sets of weights in the repository.
    static func reason(
        _ profile: ModelProfile,
        _ evidence: ModelEvidence,
        isQuantized: Bool,
        set: WeightSet,
        sets: [WeightSet]
    ) -> String? {
        if isQuantized { return "the weights are quantised" }
        let counts = evidence.elementsByDtype
        let all = counts.values.reduce(0.0) { $0 + Double($1) }
        guard all > 0 else { return "the Hub counts no elements by dtype" }
        if profile.evidence != .exactWeights {
            return "the configuration and the Hub's count do not agree"
        }
        let main = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }
        if let main, Double(main.value) < all * (1 - sideShare) { return "the weights have several dtypes" }
        if let main, !["BF16", "F16", "F32"].contains(main.key.uppercased()) {
            return "the weights are packed"
        }
        let copies = sets.count { $0.kind == .safetensors || $0.kind == .mistral }
        if copies > 1 { return "the repository has several sets of weights" }
        let expected = counts.reduce(0.0) {
            $0 + Double($1.value) * (SafetensorsTensor.bytes(ofDtype: $1.key) ?? 2)
        }
        if let bytes = set.bytes, abs(Double(bytes) - expected) > expected * agreement {
            return "the files have other sizes than the Hub's count"
        }
        return nil
    }
}

extension HeaderLimits {
    /// What a question of fit reads at most: the models with the most files have some two hundred, and their headers some megabytes.
    static let fit = HeaderLimits(files: 512, bytesOfOne: 16 << 20, bytes: 96 << 20)
}

extension SafetensorsTensor {
    /// The tensors in some headers, those together that differ only in a number behind the layer's, as the experts of a layer do:
    /// the largest models have some ten thousand.
    static func merged(_ headers: [SafetensorsHeader]) -> [SafetensorsTensor] {
        struct Key: Hashable {
            var name: String
            var dtype: String
            var shape: [Int64]
        }
        var counts: [Key: Int64] = [:]
        for tensor in headers.lazy.flatMap(\.tensors) {
            let key = Key(name: nameOfKind(tensor.name), dtype: tensor.type, shape: tensor.shape)
            counts[key, default: 0] += 1
        }
        return counts.map { key, count in
            // The number of dimensions stays: vectors are served in other precisions than matrices.
            var shape = key.shape
            if let first = shape.first {
                let (size, overflow) = first.multipliedReportingOverflow(by: count)
                shape[0] = overflow ? .max : size
            } else {
                shape = [count]
            }
            return SafetensorsTensor(name: key.name, dtype: key.dtype, shape: shape)
        }
    }

    /// A name with 0 for each number between dots but the first, which is the layer's.
    private static func nameOfKind(_ name: String) -> String {
        var hasLayer = false
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map { part -> Substring in
            guard !part.isEmpty, part.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return part }
            defer { hasLayer = true }
            return hasLayer ? "0" : part
        }
        return parts.joined(separator: ".")
    }
}
