import HTTPServer
import HTTPTypes
import JSON
import Synchronization

/// `GET /api/openapi.json`: the document that is written from the route tables, this route's own included.
enum OpenAPIRoute {
    /// The document, which can be written only once all routes exist.
    final class Page: Sendable {
        private let content = Mutex<(bytes: [UInt8], tag: String)>(([], ""))

        func fill(_ bytes: [UInt8]) {
            let tag = Response.entityTag(of: bytes)
            content.withLock { $0 = (bytes, tag) }
        }

        var response: Response {
            let (bytes, tag) = content.withLock(\.self)
            var response = Response(contentType: .json, body: .bytes(bytes))
            response.entityTag = tag
            return response
        }
    }

    static func route(_ page: Page) -> Route {
        Route(
            .get,
            "/api/openapi.json",
            access: .anyone,
            documentation: .init(
                operationID: "getOpenAPI",
                summary: "This document",
                tag: "Operations",
                answers: [
                    .init(
                        200,
                        "An OpenAPI 3.1 document.",
                        mediaType: "application/json",
                        schema: .map(of: .any)
                    ),
                    .init(304, "The document is the one that the client has."),
                ]
            ),
            handler: .immediate { _, response in
                response = page.response
            }
        )
    }
}
