/// Images of AIKit, which serve GGUF files by LocalAI with llama.cpp.
public enum AIKitImage {
    /// The image that loads its model when it starts (kaito-project/aikit, website/docs/runners.md).
    static func runner(usesGPU: Bool, version: Int) -> String {
        "ghcr.io/kaito-project/aikit/runners/llama-cpp-\(usesGPU ? "cuda" : "cpu"):v0.21.0"
    }

    /// Where the registry of images built in the cluster is reached from its nodes.
    static let registry = "localhost:30500"

    /// What the image of a GGUF file is called once it has been built: after the repository, with the quantization as its tag.
    ///
    /// - Parameters:
    ///   - model: the repository on the Hub.
    ///   - file: the path of the file in it.
    public static func built(model: String, file: String) -> String {
        "\(registry)/\(name(model)):\(tag(file))"
    }

    private static func name(_ model: String) -> String {
        var name = "aikit-"
        for character in model.lowercased() {
            let isPlain = character.isASCII && (character.isLetter || character.isNumber)
            if isPlain {
                name.append(character)
            } else if name.last != "-" {
                name.append("-")
            }
        }
        name = String(name.prefix(63))
        while name.last == "-" { name.removeLast() }
        return name
    }

    /// Names of quantizations, as files have them between hyphens and dots: `Q4_K_M`, `IQ2_XXS`, `F16`.
    private static func tag(_ file: String) -> String {
        let base = file.split(separator: "/").last.map(String.init) ?? file
        let words = base.uppercased().split { $0 == "-" || $0 == "." }
        return words.last(where: isQuantization).map(String.init) ?? "custom"
    }

    private static func isQuantization(_ word: Substring) -> Bool {
        if ["F16", "F32", "BF16"].contains(word) { return true }
        let letters = word.hasPrefix("IQ") ? 2 : 1
        guard word.first == "Q" || letters == 2 else { return false }
        let rest = word.dropFirst(letters)
        guard let bits = rest.first, bits.isASCII, bits.isNumber else { return false }
        let more = rest.dropFirst()
        return more.isEmpty
            || (more.first == "_" && more.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" })
    }

    /// What an AIKit server calls a model that it has loaded: the file's name without its ending.
    static func servedName(_ file: String) -> String {
        let base = file.split(separator: "/").last.map(String.init) ?? file
        return base.lowercased().hasSuffix(".gguf") ? String(base.dropLast(5)) : base
    }
}
