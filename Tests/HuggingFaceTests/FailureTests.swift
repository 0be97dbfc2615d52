import HTTPClient
import HTTPServer
import HTTPTypes
import HuggingFace
import JSON
import Testing

@Suite(.timeLimit(.minutes(10))) struct FailureTests {
    private static let name = "org/model"

    private static func id() throws -> RepositoryID { try #require(RepositoryID(name)) }

    /// A model whose files need access that one of two users has.
    private static func prepare(_ setting: Setting, isPrivate: Bool = false) {
        setting.hub.change { state in
            state.models = [Recorded.model(name, gated: "manual", isPrivate: isPrivate)]
            state.files[name] = ["config.json": Array("{}".utf8)]
            state.users = ["hf_reader": Recorded.user, "hf_other": Recorded.user]
            state.readers[name] = ["hf_reader"]
        }
    }

    @Test func aGatedModelsFilesAreForThoseWhoHaveAccess() async throws {
        try await withHub { setting in
            Self.prepare(setting)
            let client = setting.client
            #expect(try await client.model(Self.id(), token: nil).gate == .manual)
            let anonymous = await failure {
                try await client.contents(of: "config.json", in: Self.id(), token: nil)
            }
            #expect(anonymous?.kind == .gated)
            #expect(anonymous?.status == 401)
            let other = await failure {
                try await client.contents(of: "config.json", in: Self.id(), token: HubToken("hf_other"))
            }
            #expect(other?.kind == .gated)
            #expect(other?.status == 403)
            #expect(other?.message.contains("you are not in the authorized list") == true)
            let bytes = try await client.contents(
                of: "config.json",
                in: Self.id(),
                token: HubToken("hf_reader")
            )
            #expect(bytes == Array("{}".utf8))
        }
    }

    @Test func whatIsNotThereIsToldFromWhatIsNotAllowed() async throws {
        try await withHub { setting in
            Self.prepare(setting, isPrivate: true)
            let client = setting.client
            let hidden = await failure { try await client.model(Self.id(), token: nil) }
            #expect(hidden?.kind == .notFound)
            #expect(hidden?.status == 401)
            #expect(hidden?.isFileMissing == false)
            let unknown = await failure { try await client.model(Self.id(), token: HubToken("hf_other")) }
            #expect(unknown?.kind == .notFound)
            #expect(unknown?.status == 404)
            #expect(unknown?.isFileMissing == false)
            let wrong = await failure { try await client.model(Self.id(), token: HubToken("hf_wrong")) }
            #expect(wrong?.kind == .unauthorized)
            let revision = await failure {
                try await client.model(
                    Self.id(),
                    revision: try #require(Revision("nope")),
                    token: HubToken("hf_reader")
                )
            }
            #expect(revision?.kind == .notFound)
            #expect(revision?.code == "RevisionNotFound")
            let file = await failure {
                try await client.contents(of: "nope.json", in: Self.id(), token: HubToken("hf_reader"))
            }
            #expect(file?.kind == .notFound)
            #expect(file?.isFileMissing == true)
        }
    }

    @Test(arguments: [
        (400, HubError.Kind.invalidRequest), (401, .unauthorized), (403, .forbidden), (404, .notFound),
        (410, .badAnswer), (429, .rateLimited), (500, .unavailable), (502, .unavailable), (503, .unavailable),
        (504, .timeout),
    ])
    func aStatusBecomesAKind(status: Int, kind: HubError.Kind) async throws {
        try await withHub({ $0.attempts = 1 }) { setting in
            setting.hub.change { $0.instead = { _ in .refusal(status, "line\r\none") } }
            let error = await failure { try await setting.client.models(ModelQuery("x"), token: nil) }
            #expect(error?.kind == kind)
            #expect(error?.status == status)
        }
    }

    @Test func aLimitOfTheHubSaysHowLongToWait() async throws {
        try await withHub { setting in
            setting.hub.change { state in
                state.instead = { seen in
                    var response = Response.refusal(429, "We had to rate limit you")
                    switch seen.parameter("search") {
                    case "seconds": response.add(.retryAfter, "77")
                    case "quota": response.add(HTTPField.Name("RateLimit") ?? .age, #""api";r=0;t=55"#)
                    default: response.add(HTTPField.Name("RateLimit") ?? .age, #""api";r=12;t=55"#)
                    }
                    return response
                }
            }
            // A wait that long is the caller's to decide on: there is no second attempt.
            let seconds = await failure { try await setting.client.models(ModelQuery("seconds"), token: nil) }
            #expect(seconds?.kind == .rateLimited)
            #expect(seconds?.retryAfter == .seconds(77))
            let quota = await failure { try await setting.client.models(ModelQuery("quota"), token: nil) }
            #expect(quota?.retryAfter == .seconds(55))
            #expect(setting.hub.seen.count == 2)
        }
    }

    @Test func whatMayPassIsTriedAgainAndOnlySoOften() async throws {
        try await withHub { setting in
            setting.hub.change { state in
                state.models = [Recorded.model(Self.name)]
                state.instead = { _ in .refusal(503, "busy") }
            }
            let error = await failure { try await setting.client.model(Self.id(), token: nil) }
            #expect(error?.kind == .unavailable)
            #expect(setting.hub.seen.count == 3)
            let tries = Count()
            setting.hub.change { $0.instead = { _ in tries.next() < 2 ? .refusal(429, "slow down") : nil } }
            let model = try await setting.client.model(Self.id(), token: nil)
            #expect(model.id.text == Self.name)
            setting.hub.change { $0.instead = { _ in .refusal(403, "no") } }
            let before = setting.hub.seen.count
            _ = await failure { try await setting.client.model(Self.id(), token: nil) }
            #expect(setting.hub.seen.count == before + 1)
        }
    }

    @Test(arguments: [#"{"not": "a list"}"#, "[{", "<html>", ""])
    func whatIsNoAnswerOfTheHubIsABadAnswer(text: String) async throws {
        try await withHub { setting in
            setting.hub.change { state in
                state.instead = { _ in Response(contentType: .json, body: .bytes(Array(text.utf8))) }
            }
            #expect(
                await failure { try await setting.client.models(ModelQuery("x"), token: nil) }?.kind
                    == .badAnswer
            )
            #expect(
                await failure { try await setting.client.files(of: Self.id(), token: nil) }?.kind
                    == .badAnswer
            )
            if text != #"{"not": "a list"}"# {
                #expect(
                    await failure { try await setting.client.model(Self.id(), token: nil) }?.kind
                        == .badAnswer
                )
            }
        }
    }

    @Test func aSlowHubIsNotWaitedForBeyondTheDeadline() async throws {
        let gate = Gate()
        try await withHub({
            $0.deadline = .milliseconds(300)
            $0.attempt = .milliseconds(100)
        }) { setting in
            setting.hub.change {
                $0.instead = { _ in
                    await gate.wait()
                    return nil
                }
            }
            let error = await failure { try await setting.client.models(ModelQuery("x"), token: nil) }
            #expect(error?.kind == .timeout)
            gate.open()
        }
    }

    @Test func aHubThatIsNotThereIsUnreachable() async throws {
        let http = try HTTPClient()
        let closed = try ClosedPort()
        let url = "http://127.0.0.1:\(closed.port)"
        var configuration = HubConfiguration(endpoint: try #require(HubEndpoint(url)))
        configuration.attempts = 1
        let client = HubClient(configuration: configuration, http: http)
        #expect(await failure { try await client.models(ModelQuery("x"), token: nil) }?.kind == .unreachable)
        await http.shutDown()
        #expect(await failure { try await client.models(ModelQuery("x"), token: nil) }?.kind == .cancelled)
    }

    @Test func noErrorShowsTheToken() async throws {
        try await withHub({ $0.attempts = 1 }) { setting in
            setting.hub.change { state in
                state.instead = { seen in .refusal(401, "the token \(seen.token ?? "") is bad") }
            }
            let error = await failure {
                try await setting.client.models(ModelQuery("x"), token: HubToken("hf_secret"))
            }
            #expect(error?.message == "the Hub answered with status 401: the token Bearer (hidden) is bad")
            #expect(!"\(error as Any)".contains("secret"))
            setting.hub.change { state in
                state.instead = { _ in .refusal(401, String(repeating: "x", count: 295) + "hf_secret") }
            }
            let cut = await failure {
                try await setting.client.models(ModelQuery("x"), token: HubToken("hf_secret"))
            }
            #expect(cut?.message.contains("hf") == false)
        }
    }
}
