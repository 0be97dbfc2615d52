/// One of the copies of a model's weights that a repository may hold.
///
/// A repository may have the weights sharded, merged into one file, in Mistral's or Meta's own layout, in another precision, or
/// for another engine. An engine loads one of them (vLLM `default_loader.py`: safetensors before `.bin`, `consolidated*` only
/// in Mistral's format, nothing below other folders).
public struct WeightSet: Sendable, Hashable {
    /// How the files are stored.
    public enum Kind: Int, Sendable, Hashable {
        /// Sharded or single safetensors of Transformers' layout.
        case safetensors
        /// Safetensors of Mistral's own layout.
        case mistral
        /// Pickled PyTorch files.
        case pickled
        /// Files for llama.cpp, one set for each quantisation.
        case gguf
    }

    /// How the files are stored.
    public let kind: Kind
    /// The part of the names that the files share.
    public let name: String
    /// The files, sorted by path.
    public let files: [RepositoryFile]

    /// Their bytes; nil where the size of one is unknown.
    public var bytes: Int64? {
        files.reduce(0) { sum, file in
            guard let sum, let bytes = file.bytes else { return nil }
            return sum.addingSaturated(max(0, bytes))
        }
    }

    /// The sets of a repository, the one that an engine loads first, then by name.
    public static func sets(in files: [RepositoryFile]) -> [WeightSet] {
        var groups: [Kind: [String: [RepositoryFile]]] = [:]
        for file in files {
            guard let (kind, name) = identify(file.path) else { continue }
            groups[kind, default: [:]][name, default: []].append(file)
        }
        return groups.flatMap { kind, named in
            named.map { WeightSet(kind: kind, name: $0.key, files: $0.value.sorted { $0.path < $1.path }) }
        }
        .sorted {
            ($0.kind.rawValue, $0.name.utf8.count, $0.name) < ($1.kind.rawValue, $1.name.utf8.count, $1.name)
        }
    }

    private static func identify(_ path: String) -> (Kind, String)? {
        let parts = path.split(separator: "/")
        guard let file = parts.last else { return nil }
        if file.hasSuffix(".gguf") {
            // A projector for images is no model of its own.
            guard !file.hasPrefix("mmproj") else { return nil }
            return (.gguf, withoutShard(String(path.dropLast(".gguf".count))))
        }
        // Files in folders are other copies: original/, fp16/, onnx/.
        guard parts.count == 1 else { return nil }
        if file.hasSuffix(".safetensors") {
            let stem = String(file.dropLast(".safetensors".count))
            if stem.hasPrefix("adapter_") { return nil }
            let name = withoutShard(stem)
            return (name.hasPrefix("consolidated") ? .mistral : .safetensors, name)
        }
        if file.hasSuffix(".bin"), file.hasPrefix("pytorch_model") {
            return (.pickled, withoutShard(String(file.dropLast(4))))
        }
        return nil
    }

    /// `name-00002-of-00007` without what numbers the shard.
    private static func withoutShard(_ stem: String) -> String {
        let parts = stem.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[parts.count - 2] == "of", Int(parts[parts.count - 1]) != nil,
            Int(parts[parts.count - 3]) != nil
        else { return stem }
        return parts.dropLast(3).joined(separator: "-")
    }
}
