import JSON
import Testing

/// From a target to a route and its parameters.
@Suite(.timeLimit(.minutes(10)))
struct RoutingTests {
    @Test(arguments: [
        ("/items/plain", "/items/{name}", "name", "plain"),
        ("/items/a%2Fb", "/items/{name}", "name", "a/b"),
        ("/items/a%2fb%3Fc", "/items/{name}", "name", "a/b?c"),
        ("/items/%C3%A9t%C3%A9", "/items/{name}", "name", "été"),
        ("/items/a+b", "/items/{name}", "name", "a+b"),
        ("/items/a%2Bb%20c", "/items/{name}", "name", "a+b c"),
        ("/items/%2525", "/items/{name}", "name", "%25"),
        ("/items/...", "/items/{name}", "name", "..."),
        ("/items/.hidden", "/items/{name}", "name", ".hidden"),
        ("/items/a;v=1,2", "/items/{name}", "name", "a;v=1,2"),
        ("/items/fixed-not", "/items/{name}", "name", "fixed-not"),
        ("/%69tems/x", "/items/{name}", "name", "x"),
        ("/numbers/12", "/numbers/{n:int}", "n", "12"),
        ("/numbers/-5", "/numbers/{n:int}", "n", "-5"),
        ("/numbers/%31", "/numbers/{n:int}", "n", "1"),
        ("/files/a", "/files/{rest...}", "rest", "a"),
        ("/files/a/b%20c/d.txt", "/files/{rest...}", "rest", "a/b c/d.txt"),
        ("/files/a//b/", "/files/{rest...}", "rest", "a//b/"),
    ])
    func `a path's parameters are decoded segment by segment`(
        _ target: String,
        _ route: String,
        _ name: String,
        _ value: String
    ) async throws {
        try await withServer { server async throws in
            let response = try server.answer(to: Requests.get(target))
            #expect(response.status == 200)
            #expect(try response.json["route"]?.stringValue == route)
            #expect(try response.json[name]?.stringValue == value)
        }
    }

    @Test(arguments: ["/items/fixed", "/items/%66ixed", "/items/fixed?name=x"])
    func `a literal segment wins over a parameter`(_ target: String) async throws {
        try await withServer { server async throws in
            let response = try server.answer(to: Requests.get(target))
            #expect(try response.json["route"]?.stringValue == "/items/fixed")
        }
    }

    @Test(arguments: [
        "/", "//", "//text", "/text/", "/text//", "/Text", "/text%2F", "/items", "/items/", "/items//",
        "/items/a/b",
        "/numbers/x", "/numbers/1x", "/numbers/+5", "/numbers/%2B5", "/numbers/1.0",
        "/numbers/99999999999999999999",
        "/files", "/files/", "/%2Ftext",
    ])
    func `a path that is not quite a route's is not found`(_ target: String) async throws {
        try await withServer { server async throws in
            let response = try server.answer(to: Requests.get(target))
            #expect(response.status == 404)
            #expect(response.isJSONError)
        }
    }

    @Test(arguments: ["/items/%FF", "/items/%C3", "/files/a/%ED%A0%80", "/numbers/%80"])
    func `a parameter that is not UTF-8 is refused`(_ target: String) async throws {
        try await withServer { server async throws in
            let response = try server.answer(to: Requests.get(target))
            #expect(response.status == 400)
            #expect(response.isJSONError)
        }
    }

    @Test(arguments: [
        ("", []),
        ("?", []),
        ("?a", [["a", ""]]),
        ("?a=", [["a", ""]]),
        ("?a=1&b=2&a=3", [["a", "1"], ["b", "2"], ["a", "3"]]),
        ("?a=b+c&d=%26%3D%2B&e", [["a", "b c"], ["d", "&=+"], ["e", ""]]),
        ("?=x&&a=b=c", [["", "x"], ["a", "b=c"]]),
        ("?a=/?:@[]{}|^`\\", [["a", "/?:@[]{}|^`\\"]]),
        ("?%C3%A9=%FF", [["é", "\u{FFFD}"]]),
        ("?a=1?b=2", [["a", "1?b=2"]]),
    ])
    func `a query keeps order and repeats`(_ query: String, _ pairs: [[String]]) async throws {
        try await withServer { server async throws in
            let response = try server.answer(to: Requests.get("/items/x" + query))
            let expected = JSONValue.array(pairs.map { .array($0.map(JSONValue.string)) })
            #expect(try response.json["query"] == expected)
        }
    }
}
