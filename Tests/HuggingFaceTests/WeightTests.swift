import HuggingFace
import JSON
import Testing

@Suite(.timeLimit(.minutes(10))) struct WeightTests {
    private static let name = "org/model"

    private static func layer(_ number: Int) -> [UInt8] {
        Recorded.safetensors([
            ("model.layers.\(number).mlp.experts.0.up_proj.weight", "BF16", [8, 4], 64),
            ("model.layers.\(number).mlp.experts.1.up_proj.weight", "BF16", [8, 4], 64),
            ("model.layers.\(number).input_layernorm.weight", "F32", [4], 16),
        ])
    }

    private static func prepare(_ setting: Setting, _ files: [String: [UInt8]]) throws -> RepositoryID {
        setting.hub.change { state in
            state.models = [Recorded.model(name)]
            state.files[name] = files
        }
        return try #require(RepositoryID(name))
    }

    @Test func tensorsThatDifferInNumbersAreToldTogether() async throws {
        try await withHub { setting in
            let id = try Self.prepare(
                setting,
                ["m-1.safetensors": Self.layer(0), "m-2.safetensors": Self.layer(17)]
            )
            let weights = try await setting.client.weights(
                in: ["m-2.safetensors", "m-1.safetensors"],
                of: id,
                token: nil
            )
            #expect(weights.files == ["m-1.safetensors", "m-2.safetensors"])
            #expect(
                weights.groups.map(\.pattern) == [
                    "model.layers.*.input_layernorm.weight", "model.layers.*.mlp.experts.*.up_proj.weight",
                ]
            )
            #expect(weights.groups.map(\.count) == [2, 4])
            #expect(weights.groups.map(\.byteCount) == [32, 256])
            #expect(weights.elementsByType == ["BF16": 128, "F32": 8])
            #expect(weights.byteCount == 288)
        }
    }

    @Test func aHeaderLongerThanTheFirstRequestIsReadWithTwo() async throws {
        try await withHub { setting in
            let tensors = (0..<3000).map { ("model.layers.\($0).weight", "BF16", [Int64(2), 3], Int64(12)) }
            let file = Recorded.safetensors(tensors)
            #expect(file.count > 100_008)
            let id = try Self.prepare(setting, ["model.safetensors": file])
            let header = try await setting.client.safetensorsHeader(
                of: "model.safetensors",
                in: id,
                token: nil
            )
            #expect(header.tensors.count == 3000)
            #expect(
                header.tensors.first
                    == .init(name: "model.layers.0.weight", type: "BF16", shape: [2, 3], byteCount: 12)
            )
            #expect(setting.hub.seenByStore.count == 2)
        }
    }

    @Test(
        arguments: [
            [], [1, 2, 3], [0, 0, 0, 0, 0, 0, 0, 0], [255, 255, 255, 255, 255, 255, 255, 255],
            [2, 0, 0, 0, 0, 0, 0, 0, 0x5B, 0x5D],
            [9, 0, 0, 0, 0, 0, 0, 0] + Array(#"{"a": {}}"#.utf8), [100, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D],
        ] as [[UInt8]]
    )
    func whatIsNoSafetensorsFileIsABadAnswer(bytes: [UInt8]) async throws {
        try await withHub { setting in
            let id = try Self.prepare(setting, ["model.safetensors": bytes])
            let error = await failure {
                try await setting.client.safetensorsHeader(of: "model.safetensors", in: id, token: nil)
            }
            #expect(error?.kind == (bytes.isEmpty ? .invalidRequest : .badAnswer))
        }
    }

    @Test(
        arguments: [
            HeaderLimits(files: 1), HeaderLimits(bytesOfOne: 100), HeaderLimits(bytes: 500),
        ]
    )
    func noMoreHeadersAreReadThanTheLimitsAllow(limits: HeaderLimits) async throws {
        try await withHub { setting in
            let files = ["m-1.safetensors": Self.layer(0), "m-2.safetensors": Self.layer(1)]
            let id = try Self.prepare(setting, files)
            let paths = files.keys.sorted()
            let all = try await setting.client.safetensorsHeaders(in: paths, of: id, token: nil)
            #expect(all.map(\.file).sorted() == paths)
            #expect(all.reduce(0) { $0 + $1.header.byteCount } > 500)
            let error = await failure {
                try await setting.client.safetensorsHeaders(in: paths, of: id, token: nil, limits: limits)
            }
            #expect(error?.kind == .tooLarge)
        }
    }

    @Test func theIndexSaysWhichFilesCount() async throws {
        try await withHub { setting in
            let index: JSONValue = [
                "weight_map": [
                    "a": "m-2.safetensors", "b": "m-1.safetensors", "c": "m-1.safetensors",
                    "d": "gone.safetensors",
                ]
            ]
            var files =
                ["m-1.safetensors": [1], "m-2.safetensors": [1], "consolidated.safetensors": [1]]
                as [String: [UInt8]]
            files["model.safetensors.index.json"] = index.encoded()
            let id = try Self.prepare(setting, files)
            let listed = try await setting.client.files(of: id, token: nil)
            let named = try await setting.client.weightFiles(of: id, among: listed, token: nil)
            #expect(named == ["m-1.safetensors", "m-2.safetensors"])
            let single = [
                RepositoryFile(path: "model.safetensors", size: 1),
                RepositoryFile(path: "original/model.safetensors", size: 1),
            ]
            #expect(
                try await setting.client.weightFiles(of: id, among: single, token: nil) == [
                    "model.safetensors"
                ]
            )
            let none = [RepositoryFile(path: "x.gguf", size: 1)]
            #expect(try await setting.client.weightFiles(of: id, among: none, token: nil) == [])
        }
    }
}
