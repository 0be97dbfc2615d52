import Capacity
import Testing

@Suite("Which GGUF file of a repository is meant")
struct GGUFChoiceTests {
    private static func choice(_ files: [(String, Int64?)]) -> GGUFChoice {
        GGUFChoice(files.map { RepositoryFile(path: $0.0, bytes: $0.1) })
    }

    @Test("Q4_K_M where there is one, however it is spelled, else the smallest first")
    func defaults() {
        let all = Self.choice([("m-Q8_0.gguf", 8), ("m.q4_k_m.gguf", 5), ("m-Q2_K.gguf", 3)])
        #expect(all.defaults.map(\.name) == ["m.q4_k_m", "m-Q2_K", "m-Q8_0"])
        let others = Self.choice([("m-Q8_0.gguf", 8), ("m-IQ4_XS.gguf", 4), ("m-F16.gguf", nil)])
        #expect(others.defaults.map(\.name) == ["m-IQ4_XS", "m-Q8_0", "m-F16"])
    }

    @Test("A mixture is the last word of the name, not any part of it")
    func mixture() {
        let choice = Self.choice([("m-Q4_K_M-v2-Q8_0.gguf", 8), ("Q4_K_M/m-Q5_K_S.gguf", 5)])
        #expect(choice.set(of: "Q4_K_M") == nil)
        #expect(choice.set(of: "q8_0")?.name == "m-Q4_K_M-v2-Q8_0")
        #expect(choice.set(of: "Q5_K_S")?.files.first?.path == "Q4_K_M/m-Q5_K_S.gguf")
    }

    @Test("The parts of a split file belong together, and count only when all are there")
    func parts() {
        let choice = Self.choice([
            ("big/m-Q4_K_M-00002-of-00002.gguf", 5), ("big/m-Q4_K_M-00001-of-00002.gguf", 7),
            ("m-Q8_0-00001-of-00002.gguf", 9),
        ])
        #expect(choice.sets.map(\.name) == ["big/m-Q4_K_M"])
        #expect(choice.sets.first?.bytes == 12)
        #expect(
            choice.set(holding: "big/m-Q4_K_M-00002-of-00002.gguf")?.files.first?.path
                == "big/m-Q4_K_M-00001-of-00002.gguf"
        )
        #expect(choice.set(holding: "m-Q8_0-00001-of-00002.gguf") == nil)
        #expect(choice.set(of: "Q4_K_M") != nil)
    }

    @Test("Projectors and importance matrices are no models")
    func others() {
        let choice = Self.choice([
            ("mmproj-F16.gguf", 1), ("m-mmproj-Q8_0.gguf", 1), ("m-imatrix.gguf", 1), ("m-Q6_K.gguf", 9),
            ("README.md", 1), ("model.safetensors", 1),
        ])
        #expect(choice.sets.map(\.name) == ["m-Q6_K"])
    }
}
