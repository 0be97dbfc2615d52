/// Which of a repository's GGUF files is meant.
///
/// Such a repository usually has one model in many mixtures, some of them split (`…-00001-of-00003.gguf`), and beside them files that
/// are no model: projectors for images (`mmproj`) and importance matrices (`imatrix`).
public struct GGUFChoice: Sendable {
    /// The mixture that is taken where nobody asks for one: what llama.cpp itself takes of a repository (`common/arg.cpp`).
    public static let preferredMixture = "Q4_K_M"

    /// The files of each model, all parts of a split one, from the fewest bytes to the most.
    public let sets: [WeightSet]

    /// The choice among a repository's files.
    public init(_ files: [RepositoryFile]) {
        sets = WeightSet.sets(in: files).filter { $0.kind == .gguf && Self.isModel($0) }
            .sorted { ($0.bytes ?? .max, $0.name) < ($1.bytes ?? .max, $1.name) }
    }

    /// The files that one file belongs to; nil when there is no such file, or a part of it is missing.
    public func set(holding path: String) -> WeightSet? {
        sets.first { $0.files.contains { $0.path == path } }
    }

    /// The files of a mixture, as `Q8_0`; nil when there are none.
    public func set(of mixture: String) -> WeightSet? {
        sets.first { $0.mixture == mixture.uppercased() }
    }

    /// What to look at where nobody names a file, the first choice first: the preferred mixture, then the others from the smallest.
    public var defaults: [WeightSet] {
        guard let preferred = set(of: Self.preferredMixture) else { return sets }
        return [preferred] + sets.filter { $0 != preferred }
    }

    private static func isModel(_ set: WeightSet) -> Bool {
        let name = set.baseName.lowercased()
        guard !name.contains("mmproj"), !name.contains("imatrix") else { return false }
        guard let count = set.files.first.flatMap({ WeightSet.shardCount($0.path) }) else {
            return set.files.count == 1
        }
        return set.files.count == count && set.files.allSatisfy { WeightSet.shardCount($0.path) == count }
    }
}

extension WeightSet {
    /// The name without folders, endings and numbers of parts.
    fileprivate var baseName: Substring { name.split(separator: "/").last ?? Substring(name) }

    /// What the name ends with, in capitals: of GGUF files it tells the mixture.
    fileprivate var mixture: String {
        (baseName.split { $0 == "-" || $0 == "." }.last ?? "").uppercased()
    }

    /// How many parts there are of the GGUF file that this is a part of; nil for a whole file.
    static func shardCount(_ path: String) -> Int? {
        guard path.hasSuffix(".gguf") else { return nil }
        let parts = path.dropLast(".gguf".count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[parts.count - 2] == "of", Int(parts[parts.count - 3]) != nil else {
            return nil
        }
        return Int(parts[parts.count - 1])
    }
}
