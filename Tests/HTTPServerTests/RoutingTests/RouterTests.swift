import HTTPTypes
import JSON
import Testing

@testable import HTTPServer

@Suite struct RouterTests {
    private static func surface(_ routes: [Route], name: String = "test", prefix: String = "") -> Surface {
        Surface(name: name, prefix: prefix, routes: routes, errorSchema: .any) { _, _, _ in }
    }

    private static func route(_ method: HTTPRequest.Method, _ path: PathTemplate) -> Route {
        TestRoutes.route(method, path, nil) { _, _ in }
    }

    private static func router(_ paths: PathTemplate...) throws -> Router {
        try Router([surface(paths.map { route(.get, $0) })])
    }

    /// A head with that target, as the parser makes it.
    private static func head(_ target: String, method: String = "GET") throws -> RequestHead {
        let head = RequestHead()
        let bytes = Array("\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
        var parser = HeadParser()
        try #require(parser.parse(bytes.span, limits: HeadLimits(), into: head) == .complete(bytes.count))
        head.bytes = bytes
        try HeadRules.apply(to: head, authority: AuthorityPolicy())
        return head
    }

    /// The template of the route that takes `target`, with the parameters that it gets.
    private static func match(_ router: Router, _ target: String) throws -> (String, PathParameters)? {
        guard case .route(let entry, let parameters) = router.match(try head(target)) else { return nil }
        return (entry.route.path.description, parameters)
    }

    @Test(arguments: [
        ("/a/b", "/a/b"), ("/a/1", "/a/{n:int}"), ("/a/x", "/a/{name}"), ("/a/x/y", "/a/{rest...}"),
        ("/a/1/y", "/a/{rest...}"), ("/a/b/c", "/a/b/c"), ("/a/b/d", "/a/{rest...}"),
        ("/a/x/end", "/a/{name}/end"),
        ("/a/1/end", "/a/{name}/end"), ("/a/b/end", "/a/{name}/end"), ("/", "/"), ("/a/", "/a/"),
    ])
    func `the narrowest template wins, and a dead end leads back`(_ target: String, _ template: String) throws
    {
        let router = try Self.router(
            "/a/{rest...}",
            "/a/{name}",
            "/a/{n:int}",
            "/a/b",
            "/a/b/c",
            "/a/{name}/end",
            "/",
            "/a/"
        )
        #expect(try Self.match(router, target)?.0 == template)
    }

    @Test func `a dead end leaves no parameters behind`() throws {
        let router = try Self.router("/a/{x}/b", "/a/{y}/c", "/a/{n:int}/d")
        let match = try #require(try Self.match(router, "/a/5/c"))
        #expect(match.0 == "/a/{y}/c")
        #expect(match.1 == PathParameters(values: [("y", "5")]))
        #expect(match.1.integer("y") == 5)
        #expect(match.1["x"] == nil)
    }

    @Test func `thousands of routes are told apart`() throws {
        let routes = (0..<2000).flatMap { number in
            [
                Self.route(.get, PathTemplate(stringLiteral: "/literal/\(number)/end")),
                Self.route(.get, PathTemplate(stringLiteral: "/group\(number)/{name}")),
            ]
        }
        let router = try Router([Self.surface(routes)])
        for number in stride(from: 0, to: 2000, by: 37) {
            #expect(try Self.match(router, "/literal/\(number)/end")?.0 == "/literal/\(number)/end")
            let match = try #require(try Self.match(router, "/group\(number)/x"))
            #expect(match.0 == "/group\(number)/{name}")
            #expect(match.1["name"] == "x")
        }
        #expect(try Self.match(router, "/literal/2000/end") == nil)
    }

    @Test func `routes in each other's way are refused`() {
        let conflicts: [[Route]] = [
            [Self.route(.get, "/a"), Self.route(.get, "/a")],
            [Self.route(.get, "/a/{x}"), Self.route(.get, "/a/{x}")],
            [Self.route(.get, "/a/{x}"), Self.route(.get, "/a/{y}")],
            [Self.route(.get, "/a/{x}/b"), Self.route(.post, "/a/{y}/b")],
            [Self.route(.get, "/a/{x...}"), Self.route(.get, "/a/{y...}")],
            [Self.route(.get, "a")],
        ]
        for routes in conflicts {
            #expect(throws: Router.Conflict.self) { try Router([Self.surface(routes)]) }
        }
        #expect(throws: Router.Conflict.self) {
            try Router([Self.surface([Self.route(.get, "/a")]), Self.surface([Self.route(.get, "/a")])])
        }
        #expect(throws: Router.Conflict.self) {
            try Router([Self.surface([Self.route(.get, "/other")], prefix: "/api")])
        }
        #expect(throws: Never.self) {
            try Router([Self.surface([Self.route(.get, "/a/{x}"), Self.route(.post, "/a/{x}")])])
        }
    }

    @Test func `HEAD goes where GET goes, unless it has a route of its own`() throws {
        let router = try Router([
            Self.surface([Self.route(.get, "/a"), Self.route(.get, "/b"), Self.route(.head, "/b")])
        ])
        for (path, method) in [("/a", "GET"), ("/b", "HEAD")] {
            guard case .route(let entry, _) = router.match(try Self.head(path, method: "HEAD")) else {
                Issue.record("HEAD \(path) has no route")
                continue
            }
            #expect(entry.route.method.rawValue == method)
        }
    }

    @Test func `the surface with the longest prefix answers for a path that no route has`() throws {
        let router = try Router([
            Self.surface([], name: "main"), Self.surface([], name: "stack", prefix: "/stack"),
            Self.surface([], name: "deep", prefix: "/stack/deep"),
        ])
        for (target, name) in [
            ("/", "main"), ("/x", "main"), ("/stack", "stack"), ("/stack/x", "stack"), ("/stacks", "main"),
            ("/stack/deep/x", "deep"), ("/stack/deeper", "stack"),
        ] {
            #expect(router.surfaces[router.surface(for: try Self.head(target))].name == name, "\(target)")
        }
    }
}
