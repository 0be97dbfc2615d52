import HTTPServer
import HTTPTypes
import HuggingFace
import JSON
import Testing

@Suite(.timeLimit(.minutes(10))) struct FileTests {
    private static let name = "Qwen/Qwen3-0.6B"

    private static func id() throws -> RepositoryID { try #require(RepositoryID(name)) }

    private static func prepare(_ setting: Setting, gated: JSONValue = false, _ files: [String: [UInt8]]) {
        setting.hub.change { state in
            state.models = [Recorded.model(name, gated: gated)]
            state.files[name] = files
            state.users = ["hf_reader": Recorded.user, "hf_other": Recorded.user]
            state.readers[name] = ["hf_reader"]
        }
    }

    @Test func filesAreListedWithTheirSizesPageByPage() async throws {
        try await withHub { setting in
            Self.prepare(
                setting,
                [
                    "config.json": Array("{}".utf8), "a/b c.gguf": [1, 2, 3],
                    "model.safetensors": [UInt8](repeating: 0, count: 5000),
                ]
            )
            setting.hub.change { $0.longestPage = 2 }
            let files = try await setting.client.files(of: Self.id(), token: nil)
            #expect(files.map(\.path).sorted() == ["a/b c.gguf", "config.json", "model.safetensors"])
            #expect(files.first { $0.path == "model.safetensors" }?.size == 5000)
            #expect(files.first { $0.path == "model.safetensors" }?.sha256 == "c0ffee")
            #expect(files.first { $0.path == "config.json" }?.sha256 == nil)
            #expect(files.first { $0.path == "a/b c.gguf" }?.name == "b c.gguf")
            #expect(setting.hub.seen.count == 2)
            #expect(setting.hub.seen.allSatisfy { $0.parameter("recursive") == "true" })
        }
    }

    @Test func aListOfFilesThatLeadsInACircleIsABadAnswer() async throws {
        try await withHub { setting in
            setting.hub.change { state in
                state.instead = { _ in
                    var response = Response(json: JSONValue.array([]))
                    response.add(.link, "</x?recursive=true>; rel=\"next\"")
                    return response
                }
            }
            #expect(
                await failure { try await setting.client.files(of: Self.id(), token: nil) }?.kind
                    == .badAnswer
            )
        }
    }

    @Test func aSmallFileIsReadAndALargerOneRefused() async throws {
        try await withHub { setting in
            Self.prepare(
                setting,
                [
                    "config.json": Array(
                        #"{"vocab_size": 5, "x": NaN, "y": [-Infinity, "NaN \" Infinity"]}"#.utf8
                    )
                ]
            )
            let json = try await setting.client.json(in: "config.json", of: Self.id(), token: nil)
            #expect(json == ["vocab_size": 5, "x": .null, "y": [.null, "NaN \" Infinity"]])
            let error = await failure {
                try await setting.client.contents(of: "config.json", in: Self.id(), token: nil, upTo: 10)
            }
            #expect(error?.kind == .tooLarge)
        }
    }

    @Test(arguments: ["", "/", "..", "a/../b", "./a", "a//b", "a/", "a\u{0}", "a\\b"])
    func whatIsNoPathOfAFileIsNotAskedFor(path: String) async throws {
        try await withHub { setting in
            let error = await failure {
                try await setting.client.contents(of: path, in: Self.id(), token: nil)
            }
            #expect(error?.kind == .invalidRequest)
            #expect(setting.hub.seen.isEmpty)
        }
    }

    @Test func someBytesAreReadFromWhereTheHubRedirectsToWithoutTheToken() async throws {
        try await withHub { setting in
            Self.prepare(setting, gated: "auto", ["model.safetensors": Array(0...99)])
            let range = try await setting.client.bytes(
                10..<20,
                of: "model.safetensors",
                in: Self.id(),
                token: HubToken("hf_reader")
            )
            #expect(range.bytes == Array(10..<20))
            #expect(range.fileSize == 100)
            #expect(setting.hub.seen.map(\.token) == ["Bearer hf_reader"])
            let stored = try #require(setting.hub.seenByStore.first)
            #expect(setting.hub.seenByStore.count == 1)
            #expect(stored.fields["authorization"] == nil)
            #expect(stored.fields["range"] == "bytes=10-19")
            #expect(!stored.query.contains { $0.value.contains("hf_reader") })
        }
    }

    @Test func aRangeEndsWhereTheFileDoes() async throws {
        try await withHub { setting in
            Self.prepare(setting, ["x.gguf": Array(0...9)])
            let range = try await setting.client.bytes(8..<50, of: "x.gguf", in: Self.id(), token: nil)
            #expect(range.bytes == [8, 9])
            #expect(range.fileSize == 10)
            let error = await failure {
                try await setting.client.bytes(10..<50, of: "x.gguf", in: Self.id(), token: nil)
            }
            #expect(error?.kind == .invalidRequest)
            #expect(error?.status == 416)
        }
    }

    @Test func aServerThatSendsTheWholeFileIsReadNoFurtherThanNeeded() async throws {
        try await withHub { setting in
            setting.hub.change { state in
                state.instead = { _ in
                    .file(
                        [UInt8](repeating: 7, count: 100) + [8, 9] + [UInt8](repeating: 0, count: 1 << 20),
                        range: nil
                    )
                }
            }
            let range = try await setting.client.bytes(100..<102, of: "x.gguf", in: Self.id(), token: nil)
            #expect(range.bytes == [8, 9])
        }
    }

    @Test(arguments: ["bytes 0-9/100", "bytes 10-14/100", "items 10-19/100", "bytes 19-10/100", ""])
    func otherBytesThanThoseAskedForAreABadAnswer(field: String) async throws {
        try await withHub { setting in
            setting.hub.change { state in
                state.instead = { _ in
                    var response = Response(status: .partialContent, body: .bytes(Array(0..<10)))
                    response.add(.contentRange, field)
                    return response
                }
            }
            let error = await failure {
                try await setting.client.bytes(10..<20, of: "x.gguf", in: Self.id(), token: nil)
            }
            #expect(error?.kind == .badAnswer)
        }
    }

    @Test func aPrefixGrowsUntilItSufficesAndReadsNoByteTwice() async throws {
        try await withHub { setting in
            let bytes = (0..<1000).map { UInt8($0 % 251) }
            Self.prepare(setting, ["x.gguf": bytes])
            let read = try await setting.client.prefix(
                of: "x.gguf",
                in: Self.id(),
                token: nil,
                first: 100,
                upTo: 900
            ) { bytes in
                bytes.count >= 350 ? .complete(bytes) : .needs(bytes.count)
            }
            #expect(read == Array(bytes.prefix(400)))
            #expect(
                setting.hub.seenByStore.compactMap { $0.fields["range"] } == [
                    "bytes=0-99", "bytes=100-199", "bytes=200-399",
                ]
            )
            let never = await failure {
                try await setting.client.prefix(
                    of: "x.gguf",
                    in: Self.id(),
                    token: nil,
                    first: 100,
                    upTo: 900
                ) { bytes in
                    PrefixReading<Int>.needs(bytes.count)
                }
            }
            #expect(never?.kind == .tooLarge)
            let short = await failure {
                try await setting.client.prefix(
                    of: "x.gguf",
                    in: Self.id(),
                    token: nil,
                    first: 100,
                    upTo: 9000
                ) { bytes in
                    PrefixReading<Int>.needs(5000)
                }
            }
            #expect(short?.kind == .badAnswer)
        }
    }
}
