import HuggingFace
import Testing

@Suite struct NameTests {
    @Test(arguments: [
        "gpt2", "Qwen/Qwen3-0.6B", "a_b/c.d", "123/x", "meta-llama/Llama-3.1-8B-Instruct", "_x/y_",
    ])
    func namesOfRepositoriesAreTaken(text: String) {
        #expect(RepositoryID(text)?.text == text)
    }

    @Test(arguments: [
        "", "/", "a/", "/a", "a/b/c", "a/..", "../a", "..", "a--b", "a..b", "-a", "a-", "a.", ".a", "a b",
        "a%2Fb", "a?b", "a#b",
        "ä/b", "a/b.git", "a\\b", "a/b\n", "a/b\u{0}",
    ])
    func whatCouldLeadElsewhereIsNoName(text: String) {
        #expect(RepositoryID(text) == nil)
    }

    @Test func aNameHasAnOwner() {
        #expect(RepositoryID("Qwen/Qwen3")?.owner == "Qwen")
        #expect(RepositoryID("Qwen/Qwen3")?.name == "Qwen3")
        #expect(RepositoryID("gpt2")?.owner == "gpt2")
        #expect(RepositoryID("gpt2")?.name == "gpt2")
        #expect(RepositoryID(String(repeating: "a", count: 97)) == nil)
    }

    @Test func revisionsAreBranchesReferencesAndCommits() {
        #expect(Revision("refs/pr/1")?.isCommit == false)
        #expect(Revision(Recorded.commit)?.isCommit == true)
        for text in ["", "..", "a/../b", "/a", ".a", "a b", "a?b", "a%b"] {
            #expect(Revision(text) == nil, "\(text)")
        }
    }

    @Test func endpointsAreBaseURLs() {
        #expect(HubEndpoint("https://hub.example/prefix//")?.url == "https://hub.example/prefix")
        #expect(HubEndpoint("HTTP://127.0.0.1:9")?.url == "http://127.0.0.1:9")
        #expect(HubEndpoint.standard.url == "https://huggingface.co")
        for text in [
            "", "hub.example", "ftp://a", "https://", "https:///a", "https://u:p@a", "https://a?b",
            "https://a#b", "https://a b",
        ] {
            #expect(HubEndpoint(text) == nil, "\(text)")
        }
    }

    @Test func aTokenShowsItselfNowhere() throws {
        let token = try #require(HubToken("hf_secret"))
        var dumped = ""
        dump([token], to: &dumped)
        for text in [
            "\(token)", String(reflecting: token), "\([token])", "\(Optional(token) as Any)", dumped,
        ] {
            #expect(!text.contains("secret"), "\(text)")
        }
        #expect(Mirror(reflecting: token).children.isEmpty)
    }

    @Test(arguments: ["", "a b", "a\r\nX: y", "ä", "\u{7F}"])
    func whatCannotStandInAFieldIsNoToken(text: String) {
        #expect(HubToken(text) == nil)
    }

    @Test func onlyHuggingFaceTokensAreTakenFromAnAuthorizationField() {
        #expect(HubToken(authorization: "Bearer hf_abc") == HubToken("hf_abc"))
        #expect(HubToken(authorization: "bearer  hf_oauth_x.y") == HubToken("hf_oauth_x.y"))
        #expect(HubToken(authorization: "Bearer api_org_abc") == HubToken("api_org_abc"))
        for text in [
            "Bearer eyJhbGciOi.cluster.token", "Bearer ", "Bearer", "Basic hf_abc", "hf_abc", "",
            "Bearer xhf_abc", "Bearer hf_a b",
        ] {
            #expect(HubToken(authorization: text) == nil, "\(text)")
        }
    }
}
