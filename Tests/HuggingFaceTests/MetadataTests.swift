import HTTPServer
import JSON
import Testing

@testable import HuggingFace

@Suite(.timeLimit(.minutes(10))) struct MetadataTests {
    private static let name = "org/model"
    private static let later = "0123456789abcdef0123456789abcdef01234567"

    private static func id() throws -> RepositoryID { try #require(RepositoryID(name)) }

    private static func prepare(_ setting: Setting, gated: JSONValue = false) {
        setting.hub.change { state in
            state.models = [Recorded.model(name, gated: gated)]
            state.files[name] = [
                "config.json": Array(#"{"vocab_size": 5}"#.utf8),
                "model.safetensors": Recorded.safetensors([
                    ("a.0.weight", "BF16", [2], 4), ("a.1.weight", "BF16", [2], 4),
                ]),
            ]
            state.users = ["hf_reader": Recorded.user]
            state.readers[name] = ["hf_reader"]
        }
    }

    @Test func whatABranchIsIsBelievedForSomeSecondsAndThenConfirmedByItsTag() async throws {
        try await withHub { setting in
            Self.prepare(setting)
            let clock = TestClock()
            let store = ModelMetadataStore(client: setting.client, clock: clock.now)
            for _ in 0..<3 {
                let known = try await store.metadata(of: Self.id())
                #expect(known.commit.text == Recorded.commit)
                #expect(known.model.likes == 751)
                #expect(!known.isStale)
            }
            #expect(setting.hub.seen.count == 1)
            clock.advance(by: .seconds(30))
            #expect(try await store.metadata(of: Self.id()).model.likes == 751)
            #expect(try await store.metadata(of: Self.id()).model.likes == 751)
            #expect(setting.hub.seen.count == 2)
            #expect(setting.hub.seen[0].fields["if-none-match"] == nil)
            #expect(setting.hub.seen[1].fields["if-none-match"]?.contains(Recorded.commit) == true)
        }
    }

    @Test func partsAreReadOnceForACommitAndAnewForTheNext() async throws {
        try await withHub { setting in
            Self.prepare(setting)
            let clock = TestClock()
            let store = ModelMetadataStore(client: setting.client, clock: clock.now)
            let old = try await store.metadata(of: Self.id())
            for _ in 0..<2 {
                #expect(try await store.configuration(of: old)?["vocab_size"] == 5)
                #expect(try await store.files(of: old).map(\.path) == ["config.json", "model.safetensors"])
                #expect(try await store.weights(of: old).groups.map(\.count) == [2])
            }
            #expect(setting.hub.seen.count == 4)
            // Parts are read at the commit, whatever the branch is by then.
            #expect(setting.hub.seen.dropFirst().allSatisfy { $0.path.contains(Recorded.commit) })
            setting.hub.change { state in
                state.models = [Recorded.model(Self.name, sha: Self.later)]
                state.files[Self.name]?["config.json"] = Array(#"{"vocab_size": 6}"#.utf8)
            }
            clock.advance(by: .seconds(31))
            let new = try await store.metadata(of: Self.id())
            #expect(new.commit.text == Self.later)
            #expect(try await store.configuration(of: new)?["vocab_size"] == 6)
            #expect(try await store.configuration(of: old)?["vocab_size"] == 5)
        }
    }

    @Test func equalQuestionsAtOnceShareOneRequest() async throws {
        try await withHub { setting in
            Self.prepare(setting)
            let store = ModelMetadataStore(client: setting.client, clock: TestClock().now)
            let id = try Self.id()
            let found = try await withThrowingTaskGroup(of: JSONValue?.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await store.configuration(of: store.metadata(of: id)) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(found == Array(repeating: ["vocab_size": 5], count: 20))
            #expect(setting.hub.seen.count == 2)
        }
    }

    @Test func nobodyGetsThroughTheStoreWhatTheHubRefuses() async throws {
        try await withHub { setting in
            Self.prepare(setting, gated: "manual")
            let store = ModelMetadataStore(client: setting.client)
            let token = HubToken("hf_reader")
            let known = try await store.metadata(of: Self.id(), token: token)
            #expect(try await store.configuration(of: known, token: token)?["vocab_size"] == 5)
            let open = try await store.metadata(of: Self.id())
            #expect(await failure { try await store.configuration(of: open) }?.kind == .gated)
            // Nor with another's knowledge of the model.
            #expect(await failure { try await store.configuration(of: known) }?.kind == .gated)
        }
    }

    @Test func aRepositoryWithoutConfigurationOrWeightsHasNone() async throws {
        try await withHub { setting in
            Self.prepare(setting)
            setting.hub.change { $0.files[Self.name] = ["x.gguf": [1]] }
            let store = ModelMetadataStore(client: setting.client)
            let known = try await store.metadata(of: Self.id())
            for _ in 0..<2 { #expect(try await store.configuration(of: known) == nil) }
            #expect(try await store.weights(of: known).groups.isEmpty)
            #expect(setting.hub.seen.count == 3)
        }
    }

    @Test func whileTheHubCannotBeAskedWhatWasKnownIsTheAnswer() async throws {
        try await withHub({ $0.attempts = 1 }) { setting in
            Self.prepare(setting)
            let clock = TestClock()
            let store = ModelMetadataStore(client: setting.client, clock: clock.now)
            _ = try await store.metadata(of: Self.id())
            setting.hub.change { $0.instead = { _ in .refusal(503, "down") } }
            clock.advance(by: .seconds(60))
            #expect(try await store.metadata(of: Self.id()).isStale)
            clock.advance(by: .seconds(3600))
            #expect(await failure { try await store.metadata(of: Self.id()) }?.kind == .unavailable)
            setting.hub.change { $0.instead = nil }
            let fresh = try await store.metadata(of: Self.id())
            #expect(!fresh.isStale)
        }
    }

    @Test func whatIsGoneIsForgotten() async throws {
        try await withHub({ $0.attempts = 1 }) { setting in
            Self.prepare(setting)
            let clock = TestClock()
            let store = ModelMetadataStore(client: setting.client, clock: clock.now)
            _ = try await store.metadata(of: Self.id())
            setting.hub.change { $0.models = [] }
            clock.advance(by: .seconds(60))
            #expect(await failure { try await store.metadata(of: Self.id()) }?.kind == .notFound)
            setting.hub.change { $0.instead = { _ in .refusal(503, "down") } }
            #expect(await failure { try await store.metadata(of: Self.id()) }?.kind == .unavailable)
        }
    }

    @Test func whatIsMadeOfAModelIsMadeOncePerName() async throws {
        try await withHub { setting in
            Self.prepare(setting)
            let store = ModelMetadataStore(client: setting.client)
            let known = try await store.metadata(of: Self.id())
            let made = Count()
            for _ in 0..<3 {
                let value = try await store.derived("profile", of: known) { _ in
                    (value: "made \(made.next())", byteCount: 10)
                }
                #expect(value == "made 0")
            }
            let other = try await store.derived("profile", of: known) { _ in (value: 5, byteCount: 10) }
            #expect(other == 5)
        }
    }

    @Test func memoryIsBounded() async throws {
        try await withHub { setting in
            let names = (0..<40).map { "org/model-\($0)" }
            setting.hub.change { state in
                state.models = names.map { Recorded.model($0) }
                for name in names {
                    state.files[name] = [
                        "config.json": Array(#"{"text": "\#(String(repeating: "x", count: 3000))"}"#.utf8)
                    ]
                }
            }
            var limits = ModelMetadataLimits()
            limits.bytes = 40_000
            let store = ModelMetadataStore(client: setting.client, limits: limits)
            for name in names {
                let known = try await store.metadata(of: try #require(RepositoryID(name)))
                _ = try await store.configuration(of: known)
                #expect(await store.byteCount <= 40_000)
            }
            #expect(await store.byteCount > 20_000)
        }
    }

    @Test func theLeastRecentlyUsedIsForgottenFirst() {
        var cache = ByteBoundedCache<String, Int>(limit: 80)
        for (number, key) in ["a", "b", "c", "d"].enumerated() { cache.keep(number, byteCount: 20, for: key) }
        #expect(cache.value("a") == 0)
        cache.keep(4, byteCount: 20, for: "e")
        #expect(cache.value("a") == 0 && cache.value("e") == 4 && cache.value("b") == nil)
        #expect(cache.byteCount <= 80)
        cache.keep(5, byteCount: 81, for: "a")
        #expect(cache.value("a") == nil)
        cache.keep(6, byteCount: 80, for: "f")
        #expect(cache.count == 1 && cache.byteCount == 80 && cache.value("f") == 6)
    }
}
