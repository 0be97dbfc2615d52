import HTTPTypes
import JSON

@testable import HTTPServer

/// What is read out of a request once its head stands: the route, the query and the negotiation fields.
///
/// An input consists of lines. The first byte of a line says what the rest is: `T` adds a path template, `P` is a path that
/// is looked up, `Q` a query, `A` an Accept, `E` an Accept-Encoding, `M` a media type, `I` an If-None-Match. Without any `T`
/// a table of usual templates stands.
enum RouterTarget {
    private static let usual = [
        "/", "/api/health", "/api/health/version", "/api/models", "/api/models/{id}",
        "/api/models/{id}/files/{path...}",
        "/api/models/{number:int}", "/api/models/new", "/api/models/{id}/", "/jobs/{number:int}/log",
        "/jobs/{name}/log", "/jobs/{name}/{part}", "/jobs/latest/log", "/files/{path...}", "/{any}",
        "/{any}/x",
    ]

    static func examine(_ input: [UInt8]) throws(FuzzFinding) {
        var templates: [String] = []
        var paths: [[UInt8]] = []
        for line in input.split(separator: 0x0A) {
            let rest = Array(line.dropFirst())
            switch line.first {
            case UInt8(ascii: "T"):
                if let template = try template(rest), templates.count < 24 { templates.append(template) }
            case UInt8(ascii: "P"): paths.append(rest.first == 0x2F ? rest : [0x2F] + rest)
            case UInt8(ascii: "Q"): try QueryCheck.examine(rest)
            case UInt8(ascii: "A"): try NegotiationCheck.accept(rest)
            case UInt8(ascii: "E"): try NegotiationCheck.acceptEncoding(rest)
            case UInt8(ascii: "M"): try NegotiationCheck.mediaType(rest)
            case UInt8(ascii: "I"): try NegotiationCheck.entityTags(rest)
            default: continue
            }
        }
        try match(paths, templates.isEmpty ? usual : templates)
    }

    /// The template that `bytes` spell, if they do. Literals that are not ASCII are left out: route tables have none.
    private static func template(_ bytes: [UInt8]) throws(FuzzFinding) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let template = try? PathTemplate(text) else { return nil }
        try FuzzFinding.requireEqual(template.description, text, "a template and its description")
        try FuzzFinding.requireEqual(
            template.segments.count,
            text.utf8.count { $0 == 0x2F },
            "segments and slashes of \(bytes.printable)"
        )
        return bytes.allSatisfy { $0 < 0x80 } ? text : nil
    }

    private static func match(_ paths: [[UInt8]], _ templates: [String]) throws(FuzzFinding) {
        guard !paths.isEmpty else { return }
        // Of templates that differ only in the names of parameters the router takes one, and says so of the others.
        var unique: [String] = []
        var shapes: Set<String> = []
        for text in templates {
            guard let template = try? PathTemplate(text), shapes.insert(template.shape).inserted else {
                continue
            }
            unique.append(text)
        }
        let router = try router(unique)
        let reference = ReferenceRouter(unique)
        for path in paths {
            let head = head(path)
            let outcome: ReferenceRouter.Outcome
            switch router.match(head) {
            case .route(let entry, let parameters):
                outcome = .found(entry.index, parameters.values.map(\.value))
            case .none: outcome = .notFound
            case .malformed: outcome = .notUTF8
            case .otherMethod(let allow): throw FuzzFinding("GET is not in \(allow) for \(path.printable)")
            }
            try FuzzFinding.requireEqual(
                outcome,
                reference.match(path),
                "the route of \(path.printable) in \(unique), router and reference"
            )
            try checkMethods(router, head, outcome)
        }
    }

    /// A path that GET reaches is reached by HEAD, and DELETE is told what it may be.
    private static func checkMethods(
        _ router: Router,
        _ head: RequestHead,
        _ outcome: ReferenceRouter.Outcome
    ) throws(FuzzFinding) {
        guard case .found(let index, _) = outcome else { return }
        head.method = .head
        guard case .route(let entry, _) = router.match(head), entry.index == index else {
            throw FuzzFinding("HEAD does not reach what GET does")
        }
        head.method = .delete
        guard case .otherMethod(allow: "GET, HEAD, OPTIONS") = router.match(head) else {
            throw FuzzFinding("DELETE is not told what is allowed")
        }
    }

    private static func router(_ templates: [String]) throws(FuzzFinding) -> Router {
        do {
            let routes = try templates.map { text in
                Route(
                    .get,
                    try PathTemplate(text),
                    access: .anyone,
                    documentation: .init(operationID: text, summary: "", tag: "", answers: []),
                    handler: .immediate { _, _ in }
                )
            }
            return try Router([Surface(name: "fuzz", routes: routes, errorSchema: .any) { _, _, _ in }])
        } catch {
            throw FuzzFinding("a router with the templates \(templates) is refused: \(error)")
        }
    }

    private static func head(_ path: [UInt8]) -> RequestHead {
        let head = RequestHead()
        head.bytes = path
        head.path = ByteRange(0, path.count)
        head.pathHasEscapes = path.contains(0x25)
        return head
    }
}
