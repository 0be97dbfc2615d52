import HTTPServer
import HTTPTypes
import HuggingFace
import JSON
import Testing

@Suite(.timeLimit(.minutes(10))) struct ModelTests {
    private static func id(_ text: String) throws -> RepositoryID { try #require(RepositoryID(text)) }

    @Test func everyNeededFieldIsAskedForByName() async throws {
        try await withHub { setting in
            setting.hub.change { $0.models = [Recorded.model("Qwen/Qwen3-0.6B")] }
            _ = try await setting.client.models(ModelQuery("qwen 3", pageSize: 7), token: nil)
            let seen = try #require(setting.hub.seen.first)
            #expect(seen.path == "/api/models")
            #expect(seen.parameter("search") == "qwen 3")
            #expect(seen.parameter("pipeline_tag") == "text-generation")
            #expect(seen.parameter("limit") == "7")
            #expect(seen.token == nil)
            #expect(
                Set(seen.parameters("expand[]")).isSuperset(of: [
                    "author", "config", "createdAt", "downloads", "gated", "gguf", "lastModified",
                    "library_name", "likes",
                    "pipeline_tag", "private", "safetensors", "sha", "tags",
                ])
            )
            #expect(seen.parameter("full") == nil)
        }
    }

    @Test func aModelIsReadWithAllItsFields() async throws {
        try await withHub { setting in
            setting.hub.change {
                $0.models = [Recorded.model("Qwen/Qwen3-0.6B", gated: "manual"), Recorded.gguf]
            }
            let model = try await setting.client.model(Self.id("Qwen/Qwen3-0.6B"), token: nil)
            #expect(model.id.text == "Qwen/Qwen3-0.6B")
            #expect(model.author == "Qwen")
            #expect(model.commit == Recorded.commit)
            #expect(model.gate == .manual)
            #expect(model.isPrivate == false)
            #expect(model.isDisabled == false)
            #expect(model.isRestricted)
            #expect(model.downloads == 6_123_456)
            #expect(model.likes == 751)
            #expect(model.pipelineTag == "text-generation")
            #expect(model.library == "transformers")
            #expect(model.tags.contains("license:apache-2.0"))
            #expect(model.createdAt == Timestamp(rfc3339: "2025-04-27T03:40:08Z"))
            #expect(model.lastModified == Timestamp(rfc3339: "2025-07-26T03:46:27Z"))
            #expect(model.parameters == .init(byType: ["BF16": 751_632_384], total: 751_632_384))
            #expect(model.configuration?.architectures == ["Qwen3ForCausalLM"])
            #expect(model.configuration?.modelType == "qwen3")
            #expect(model.fileNames == ["README.md", "config.json", "model.safetensors"])
            let gguf = try await setting.client.model(Self.id("ggml-org/Qwen3-0.6B-GGUF"), token: nil).gguf
            #expect(gguf?.parameters == 596_049_920)
            #expect(gguf?.architecture == "qwen3")
            #expect(gguf?.contextLength == 40960)
            #expect(gguf?.fileSize == 639_446_688)
        }
    }

    @Test func whatIsMissingOrOddIsMissing() async throws {
        try await withHub { setting in
            setting.hub.change {
                $0.models = [
                    ["modelId": "gpt2", "pipeline_tag": "text-generation"],
                    [
                        "id": "a/b", "pipeline_tag": "text-generation", "gated": true, "downloads": "many",
                        "tags": [1, "x"],
                        "config": [], "safetensors": ["parameters": ["F32": 5, "BF16": 7]], "gguf": .null,
                        "sha": "short",
                        "createdAt": "yesterday",
                    ],
                    ["id": "../evil", "pipeline_tag": "text-generation"],
                    ["pipeline_tag": "text-generation"],
                ]
            }
            let models = try await setting.client.models(ModelQuery(""), token: nil).models
            #expect(models.map(\.id.text) == ["gpt2", "a/b"])
            #expect(models[0].gate == nil && models[0].parameters == nil && models[0].configuration == nil)
            #expect(models[1].gate == .manual)
            #expect(models[1].downloads == nil && models[1].commit == nil && models[1].createdAt == nil)
            #expect(models[1].tags == ["x"])
            #expect(models[1].parameters?.total == 12)
        }
    }

    @Test func pagesAreFollowedByTheirLinks() async throws {
        try await withHub { setting in
            setting.hub.change { state in state.models = (0..<25).map { Recorded.model("org/model-\($0)") } }
            var page = try await setting.client.models(ModelQuery("model", pageSize: 10), token: nil)
            var names = page.models.map(\.id.text)
            while let next = page.next {
                page = try await setting.client.models(at: next, token: nil)
                names += page.models.map(\.id.text)
            }
            #expect(names == (0..<25).map { "org/model-\($0)" })
            #expect(setting.hub.seen.count == 3)
            // What was asked for at first is asked for on each page.
            #expect(setting.hub.seen.allSatisfy { $0.parameters("expand[]").contains("safetensors") })
        }
    }

    @Test func aLinkToAnotherHostIsFollowedAtTheHubItself() async throws {
        try await withHub { setting in
            setting.hub.change { state in
                state.users["hf_a"] = Recorded.user
                state.models = (0..<3).map { Recorded.model("org/model-\($0)") }
                state.instead = { seen in
                    guard seen.parameter("cursor") == nil else { return nil }
                    var response = Response(json: JSONValue.array([Recorded.model("org/model-0")]))
                    response.add(
                        .link,
                        "<https://evil.example/api/models?limit=2&cursor=1>; rel=\"next\", </x?y>; rel=prev"
                    )
                    return response
                }
            }
            let first = try await setting.client.models(ModelQuery("model"), token: HubToken("hf_a"))
            let second = try await setting.client.models(
                at: try #require(first.next),
                token: HubToken("hf_a")
            )
            #expect(second.models.map(\.id.text) == ["org/model-1", "org/model-2"])
            #expect(setting.hub.seen.map(\.token) == ["Bearer hf_a", "Bearer hf_a"])
        }
    }

    @Test func aRevisionIsOneSegmentOfThePath() async throws {
        try await withHub { setting in
            setting.hub.change { $0.models = [Recorded.model("Qwen/Qwen3-0.6B")] }
            let revision = try #require(Revision("refs/pr/1"))
            _ = try await setting.client.model(Self.id("Qwen/Qwen3-0.6B"), revision: revision, token: nil)
            #expect(setting.hub.seen.first?.path == "/api/models/Qwen/Qwen3-0.6B/revision/refs%2Fpr%2F1")
        }
    }

    @Test func aTokenTellsWhoseItIs() async throws {
        try await withHub { setting in
            setting.hub.change { $0.users["hf_ada"] = Recorded.user }
            let user = try await setting.client.user(try #require(HubToken("hf_ada")))
            #expect(user.id == "5e67bdd61009063689407479")
            #expect(user.name == "ada")
            #expect(user.fullName == "Ada Lovelace")
            #expect(user.email == "ada@example.com")
            #expect(user.avatarURL == setting.hub.url + "/avatars/a.svg")
            #expect(user.organizations == ["engines"])
            let error = await failure { try await setting.client.user(try #require(HubToken("hf_nobody"))) }
            #expect(error?.kind == .unauthorized)
            #expect(error?.status == 401)
        }
    }
}
