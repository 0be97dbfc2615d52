import HTTPServer
import HTTPTypes
import JSON

/// A route for each thing that a route can do.
enum TestRoutes {
    static let text = Array("hello".utf8)
    static let laterText = Array("hello, later".utf8)
    static let page = Array("\"\(String(repeating: "ingot ", count: 1000))\"".utf8)
    static let large = Array("\"\(String(repeating: "x", count: 1_048_574))\"".utf8)

    static func surface(_ probes: Probes) -> Surface {
        Surface(
            name: "test",
            routes: plain() + bodies(probes) + parameters() + failures() + gated(probes) + streams(probes),
            errorSchema: .object { [] },
            renderError: { failure, id, response in
                var members = JSONMembers()
                members["code"] = .string(failure.code)
                members["error"] = .string(failure.message)
                members["requestId"] = .string(id)
                response.setJSON(JSONValue.object(members))
            }
        )
    }

    private static func plain() -> [Route] {
        [
            immediate("/text", "text/plain") { _, response in
                response.contentType = .text
                response.body = .bytes(text)
            },
            asynchronous("/async", "text/plain") { _ in
                Response(contentType: .text, body: .bytes(laterText))
            },
            immediate("/peer", "text/plain") { request, response in
                response.contentType = .text
                let names = [request.tlsPeer?.commonName ?? "nobody"] + (request.tlsPeer?.organizations ?? [])
                response.body = .bytes(Array(names.joined(separator: "/").utf8))
            },
            immediate("/large", "application/json") { _, response in
                response.contentType = .json
                response.body = .bytes(large)
            },
            immediate("/page", "application/json") { _, response in
                response.contentType = .json
                response.entityTag = Response.entityTag(of: page)
                response.body = .bytes(page)
            },
            asynchronous("/async-page", "application/json") { _ in
                var response = Response(contentType: .json, body: .bytes(page))
                response.entityTag = Response.entityTag(of: page)
                return response
            },
            Route(
                .get,
                "/secret",
                access: .anyone,
                documentation: .init(
                    operationID: "secret",
                    summary: "A test route",
                    tag: "Test",
                    parameters: [.init(.query, "token", "A secret", isSecret: true, schema: .string)],
                    answers: [.init(200, "The answer.")]
                ),
                handler: .immediate { _, _ in }
            ),
            immediate("/nothing", nil) { _, response in
                response.status = .noContent
                response.body = .empty
            },
        ]
    }

    private static func bodies(_ probes: Probes) -> [Route] {
        [
            route(.post, "/echo", accepts: "application/json", "application/json") { request, response in
                probes.bodies.add()
                response.contentType = .json
                response.body = .bytes(request.body)
            },
            route(.post, "/bytes", "application/octet-stream") { request, response in
                probes.bodies.add()
                response.contentType = .octets
                response.body = .bytes(request.body)
            },
            route(.put, "/bytes", limit: 10, "application/octet-stream") { request, response in
                probes.bodies.add()
                response.contentType = .octets
                response.body = .bytes(request.body)
            },
            Route(
                .post,
                "/async-bytes",
                access: .anyone,
                documentation: documentation("/async-bytes", "application/octet-stream"),
                handler: .asynchronous { request in
                    probes.bodies.add()
                    return Response(contentType: .octets, body: .bytes(request.body))
                }
            ),
        ]
    }

    /// Routes that answer with what they were asked.
    private static func parameters() -> [Route] {
        ["/items/{name}", "/items/fixed", "/numbers/{n:int}", "/files/{rest...}"].map { path in
            immediate(path, "application/json") { request, response in
                var members = JSONMembers()
                members["route"] = .string(path.description)
                for name in ["name", "n", "rest"] {
                    members[name] = request.parameters[name].map(JSONValue.string)
                }
                members["query"] = .array(
                    request.query.pairs.map { .array([.string($0.name), .string($0.value)]) }
                )
                response.setJSON(JSONValue.object(members))
            }
        }
    }

    private static func failures() -> [Route] {
        struct Unknown: Error {}
        return [
            immediate("/fail", nil) { _, _ in throw Unknown() },
            asynchronous("/async-fail", nil) { _ in throw Unknown() },
            immediate("/teapot", nil) { _, _ in
                throw HTTPError(
                    .init(code: 418, reasonPhrase: "I'm a teapot"),
                    code: "TEAPOT",
                    message: "short and stout",
                    fields: [HTTPField(name: .retryAfter, value: "7")]
                )
            },
        ]
    }

    private static func gated(_ probes: Probes) -> [Route] {
        [
            asynchronous("/gated", "text/plain") { request in
                try await probes.gate.pass()
                return Response(
                    contentType: .text,
                    body: .bytes(Array((request.path + " " + request.id).utf8))
                )
            },
            asynchronous("/gated/{name}", "text/plain") { request in
                try await probes.gate.pass()
                return Response(
                    contentType: .text,
                    body: .bytes(Array((request.path + " " + request.id).utf8))
                )
            },
        ]
    }

    // MARK: Rows

    static func immediate(
        _ path: PathTemplate,
        _ type: String?,
        _ handler: @escaping @Sendable (borrowing Request, inout Response) throws -> Void
    ) -> Route {
        route(.get, path, type, handler)
    }

    static func asynchronous(
        _ path: PathTemplate,
        _ type: String?,
        _ handler: @escaping @Sendable (Request) async throws -> Response
    ) -> Route {
        Route(
            .get,
            path,
            access: .anyone,
            documentation: documentation(path, type),
            handler: .asynchronous(handler)
        )
    }

    static func route(
        _ method: HTTPRequest.Method,
        _ path: PathTemplate,
        accepts: String? = nil,
        limit: Int? = nil,
        _ type: String?,
        _ handler: @escaping @Sendable (borrowing Request, inout Response) throws -> Void
    ) -> Route {
        Route(
            method,
            path,
            access: .anyone,
            documentation: documentation(path, type, accepts: accepts),
            bodyLimit: limit,
            handler: .immediate(handler)
        )
    }

    private static func documentation(
        _ path: PathTemplate,
        _ type: String?,
        accepts: String? = nil
    ) -> Route.Documentation {
        Route.Documentation(
            operationID: path.description,
            summary: "A test route",
            tag: "Test",
            requestBody: accepts.map { .init(mediaType: $0, description: "A body", schema: .any) },
            answers: [.init(200, "The answer.", mediaType: type)]
        )
    }
}
