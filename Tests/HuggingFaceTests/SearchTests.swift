import HTTPServer
import HTTPTypes
import JSON
import Testing

@testable import HuggingFace

@Suite(.timeLimit(.minutes(10))) struct SearchTests {
    /// Accepts what a model with the architecture `Good` is.
    private static func search(
        _ setting: Setting,
        clock: TestClock = TestClock(),
        _ change: (inout ModelSearchLimits) -> Void = { _ in }
    ) -> ModelSearch {
        var limits = ModelSearchLimits()
        limits.deadline = .seconds(300)
        change(&limits)
        return ModelSearch(client: setting.client, limits: limits, clock: clock.now) { model in
            model.configuration?.architectures.contains("Good") == true
        }
    }

    /// Models of which each third is a good one.
    private static func models(_ count: Int, goodEach divisor: Int = 3) -> [JSONValue] {
        (0..<count).map {
            Recorded.model("org/model-\($0)", architecture: $0 % divisor == 0 ? "Good" : "Bad")
        }
    }

    /// Has the Hub answer, with nine models, once the gate is open.
    private static func hold(_ hub: StandInHub) -> Gate {
        let gate = Gate()
        hub.change { state in
            state.models = models(9)
            state.instead = { _ in
                await gate.wait()
                return nil
            }
        }
        return gate
    }

    @Test(arguments: [1, 7, 20, 100])
    func partsTogetherAreAllAcceptedModelsEachOnce(limit: Int) async throws {
        try await withHub { setting in
            setting.hub.change { $0.models = Self.models(250) }
            let search = Self.search(setting) { $0.pageSize = 30 }
            var names: [String] = []
            while true {
                let part = try await search.models(matching: "model", offset: names.count, limit: limit)
                names += part.models.map(\.id.text)
                #expect(part.offset + part.models.count == names.count)
                #expect(part.limit == limit)
                #expect(part.hasMore == (names.count < 84))
                // Whoever goes by the total neither stops early nor goes on for ever.
                #expect(part.total > names.count || (!part.hasMore && part.total == names.count))
                guard part.hasMore else {
                    #expect(part.total == 84 && part.isComplete && !part.isCut)
                    break
                }
                #expect(part.models.count == limit)
            }
            #expect(names == stride(from: 0, to: 250, by: 3).map { "org/model-\($0)" })
            #expect(setting.hub.seen.count == 9)
        }
    }

    @Test func onlyModelsForTextGenerationAreFound() async throws {
        try await withHub { setting in
            setting.hub.change {
                $0.models = [
                    Recorded.model("a/picture", architecture: "Good", pipelineTag: "text-to-image"),
                    Recorded.model("a/text", architecture: "Good"),
                ]
            }
            let part = try await Self.search(setting).models(matching: "a/")
            #expect(part.models.map(\.id.text) == ["a/text"])
            // Also where the Hub does not heed what was asked for.
            setting.hub.change { state in
                state.instead = { [models = state.models] _ in Response(json: JSONValue.array(models)) }
            }
            let heedless = try await Self.search(setting).models(matching: "a/")
            #expect(heedless.models.map(\.id.text) == ["a/text"])
        }
    }

    @Test func fiveThousandResultsAreFoundPageByPage() async throws {
        try await withHub { setting in
            setting.hub.change { $0.models = Self.models(5000, goodEach: 1) }
            let search = Self.search(setting)
            let last = try await search.models(matching: "model", offset: 4990, limit: 20)
            #expect(last.models.count == 10)
            #expect(last.total == 5000)
            #expect(!last.hasMore && last.isComplete)
            #expect(setting.hub.seen.count == 50)
            let beyond = try await search.models(matching: "MODEL ", offset: 6000, limit: 20)
            #expect(beyond.models.isEmpty && !beyond.hasMore && beyond.total == 5000)
            #expect(setting.hub.seen.count == 50)
        }
    }

    @Test func aSearchEndsAtItsBoundAndSaysSo() async throws {
        try await withHub { setting in
            setting.hub.change { $0.models = Self.models(1000, goodEach: 1) }
            let search = Self.search(setting) {
                $0.pageSize = 10
                $0.pages = 3
            }
            let first = try await search.models(matching: "model", limit: 20)
            #expect(first.hasMore && first.total == 30)
            let last = try await search.models(matching: "model", offset: 20, limit: 20)
            #expect(last.models.count == 10)
            #expect(last.total == 30 && !last.hasMore && last.isCut && !last.isComplete)
            let far = try await search.models(matching: "model", offset: .max, limit: 100)
            #expect(far.models.isEmpty && far.total == 30 && !far.hasMore)
            #expect(setting.hub.seen.count == 3)
        }
    }

    @Test func pagesInACircleEnd() async throws {
        try await withHub { setting in
            setting.hub.change { state in
                state.instead = { _ in
                    var response = Response(
                        json: JSONValue.array([Recorded.model("a/b", architecture: "Good")])
                    )
                    response.add(.link, "</api/models?cursor=same>; rel=\"next\"")
                    return response
                }
            }
            let part = try await Self.search(setting).models(matching: "b")
            #expect(part.models.map(\.id.text) == ["a/b"])
            #expect(!part.hasMore && part.total == 1)
            #expect(setting.hub.seen.count == 2)
        }
    }

    @Test func equalSearchesAtOnceShareOneRequest() async throws {
        try await withHub { setting in
            let gate = Self.hold(setting.hub)
            let search = Self.search(setting)
            let names = try await withThrowingTaskGroup(of: [String].self) { group in
                for number in 0..<20 {
                    group.addTask {
                        try await search.models(matching: number.isMultiple(of: 2) ? "model" : " Model")
                            .models.map(\.id.text)
                    }
                }
                while await search.waiting < 20 { await Task.yield() }
                gate.open()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(names == Array(repeating: ["org/model-0", "org/model-3", "org/model-6"], count: 20))
            #expect(setting.hub.seen.count == 1)
        }
    }

    @Test func whoeverIsCancelledLeavesTheRequestToTheOthers() async throws {
        try await withHub { setting in
            let gate = Self.hold(setting.hub)
            let search = Self.search(setting)
            let first = Task { try await search.models(matching: "model") }
            while await search.waiting < 1 { await Task.yield() }
            let second = Task { try await search.models(matching: "model") }
            while await search.waiting < 2 { await Task.yield() }
            first.cancel()
            #expect(await failure { try await first.value }?.kind == .cancelled)
            gate.open()
            let found = try await second.value
            #expect(found.models.count == 3)
            #expect(setting.hub.seen.count == 1)
        }
    }

    @Test func whenAllAreCancelledTheNextCallerBeginsAnew() async throws {
        try await withHub { setting in
            let gate = Gate()
            let held = Gate()
            let requests = Count()
            setting.hub.change { state in
                state.models = Self.models(9)
                state.instead = { _ in
                    if requests.next() == 0 {
                        held.open()
                        await gate.wait()
                    }
                    return nil
                }
            }
            let search = Self.search(setting)
            let first = Task { try await search.models(matching: "model") }
            // Not only seen: else the second request may be the one that is held.
            await held.wait()
            first.cancel()
            #expect(await failure { try await first.value }?.kind == .cancelled)
            let found = try await search.models(matching: "model")
            #expect(found.models.count == 3)
            gate.open()
        }
    }

    @Test func resultsAreUsedAgainForAShortTime() async throws {
        try await withHub { setting in
            setting.hub.change { $0.models = Self.models(9) }
            let clock = TestClock()
            let search = Self.search(setting, clock: clock)
            for _ in 0..<3 { _ = try await search.models(matching: "model") }
            #expect(setting.hub.seen.count == 1)
            clock.advance(by: .seconds(59))
            _ = try await search.models(matching: "model")
            #expect(setting.hub.seen.count == 1)
            clock.advance(by: .seconds(1))
            _ = try await search.models(matching: "model")
            #expect(setting.hub.seen.count == 2)
        }
    }

    @Test func eachUserHasResultsOfTheirOwn() async throws {
        try await withHub { setting in
            setting.hub.change { state in
                state.models = [
                    Recorded.model("a/open", architecture: "Good"),
                    Recorded.model("a/hidden", architecture: "Good", isPrivate: true),
                ]
                state.readers = ["a/hidden": ["hf_reader"]]
            }
            let search = Self.search(setting)
            for _ in 0..<2 {
                let reader = try await search.models(matching: "a/", token: HubToken("hf_reader"))
                #expect(reader.models.map(\.id.text) == ["a/open", "a/hidden"])
                let nobody = try await search.models(matching: "a/")
                #expect(nobody.models.map(\.id.text) == ["a/open"])
            }
            #expect(setting.hub.seen.map(\.token) == ["Bearer hf_reader", nil])
        }
    }

    @Test func aFailureIsNotKeptAndWhatWasFoundBeforeIs() async throws {
        try await withHub({ $0.attempts = 1 }) { setting in
            setting.hub.change { state in
                state.models = Self.models(60, goodEach: 1)
                state.instead = { seen in seen.parameter("cursor") == nil ? nil : .refusal(503, "busy") }
            }
            let search = Self.search(setting) { $0.pageSize = 30 }
            #expect(try await search.models(matching: "model", limit: 20).models.count == 20)
            let error = await failure { try await search.models(matching: "model", offset: 20, limit: 20) }
            #expect(error?.kind == .unavailable)
            setting.hub.change { $0.instead = nil }
            let next = try await search.models(matching: "model", offset: 20, limit: 20)
            #expect(next.models.first?.id.text == "org/model-20")
            #expect(setting.hub.seen.filter { $0.parameter("cursor") == nil }.count == 1)
        }
    }

    @Test func memoryIsBounded() async throws {
        try await withHub { setting in
            setting.hub.change { $0.models = Self.models(40, goodEach: 1) }
            let few = Self.search(setting) { $0.searches = 3 }
            for number in 0..<10 { _ = try await few.models(matching: "model-\(number)") }
            #expect(await few.count == 3)
            let small = Self.search(setting) { $0.bytes = 20_000 }
            for number in 0..<10 {
                _ = try await small.models(matching: "model-\(number)")
                #expect(await small.byteCount <= 20_000)
            }
            #expect(await small.count >= 1)
        }
    }

    @Test(arguments: [
        ("", 0, 20), ("   ", 0, 20), ("x", -1, 20), ("x", 0, 0), ("x", 0, 101), ("a\nb", 0, 20),
        (String(repeating: "x", count: ModelSearch.longestText + 1), 0, 20),
    ])
    func whatCannotBeSearchedIsRefused(text: String, offset: Int, limit: Int) async throws {
        try await withHub { setting in
            let search = Self.search(setting)
            let error = await failure {
                try await search.models(matching: text, offset: offset, limit: limit)
            }
            #expect(error?.kind == .invalidRequest)
            #expect(setting.hub.seen.isEmpty)
        }
    }
}
