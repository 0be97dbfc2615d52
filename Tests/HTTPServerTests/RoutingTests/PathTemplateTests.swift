import Testing

@testable import HTTPServer

@Suite struct PathTemplateTests {
    @Test func `a template is literals and parameters`() {
        let template: PathTemplate = "/api/{name}/{n:int}/x.y/{rest...}"
        #expect(
            template.segments == [
                .literal("api"), .parameter("name", .text), .parameter("n", .integer), .literal("x.y"),
                .parameter("rest", .rest),
            ]
        )
        #expect(template.openAPIPath == "/api/{name}/{n}/x.y/{rest}")
        #expect(PathTemplate("/").segments == [.literal("")])
        #expect(PathTemplate("/a/").segments == [.literal("a"), .literal("")])
    }

    @Test(arguments: [
        "", "a", "a/b", "/{", "/{}", "/{a", "/a}", "/a{b}", "/{a}b", "/{a b}", "/{é}", "/{a:int}/{a}",
        "/{a}/{a}",
        "/{:int}", "/{...}", "/{a...}/b", "/{a...}/{b}", "/a?b", "/a#b", "/a%20b", "/{a:float}",
    ])
    func `what is no template is refused, and a literal of it remembers why`(_ text: String) {
        #expect(throws: PathTemplate.Malformed.self) { try PathTemplate(text) }
        let literal = PathTemplate(stringLiteral: text)
        #expect(literal.defect?.contains(text) == true)
    }
}
