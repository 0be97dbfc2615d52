@testable import HTTPServer

/// What is read out of a request once its head stands: the route, the query and the negotiation fields.
///
/// An input consists of lines. The first byte of a line says what the rest is: `T` adds a path template, `P` is a path that
/// is looked up, `Q` a query, `A` an Accept, `E` an Accept-Encoding, `M` a media type, `I` an If-None-Match. Without any `T`
/// a table of usual templates stands.
enum RouterTarget {
    private static let usualTemplates = [
        "/", "/api/health", "/api/health/version", "/api/models", "/api/models/{id}",
        "/api/models/{id}/files/{path...}",
        "/api/models/{number:int}", "/api/models/new", "/api/models/{id}/", "/jobs/{number:int}/log",
        "/jobs/{name}/log", "/jobs/{name}/{part}", "/jobs/latest/log", "/files/{path...}", "/{any}",
        "/{any}/x",
    ]
    private static let usual = Result { () throws(FuzzFinding) in try RouteTable(usualTemplates) }

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
        try match(paths, templates)
    }

    /// The template that `bytes` spell, if they do. What is not ASCII is read but not routed by: route tables have none, and
    /// a letter that joins the slash before it is for `PathTemplate` one character with it.
    private static func template(_ bytes: [UInt8]) throws(FuzzFinding) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let template = try? PathTemplate(text) else { return nil }
        try FuzzFinding.requireEqual(template.description, text, "a template and its description")
        guard bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
        try FuzzFinding.requireEqual(
            template.segments.count,
            bytes.count { $0 == 0x2F },
            "segments and slashes of \(bytes.printable)"
        )
        return text
    }

    private static func match(_ paths: [[UInt8]], _ templates: [String]) throws(FuzzFinding) {
        guard !paths.isEmpty else { return }
        let table = templates.isEmpty ? try usual.get() : try RouteTable(templates)
        for path in paths {
            let head = head(path)
            let outcome: ReferenceRouter.Outcome
            switch table.router.match(head) {
            case .route(let entry, let parameters):
                outcome = .found(entry.index, parameters.values.map(\.value))
            case .none: outcome = .notFound
            case .malformed: outcome = .notUTF8
            case .otherMethod(let allow): throw FuzzFinding("GET is not in \(allow) for \(path.printable)")
            }
            try FuzzFinding.requireEqual(
                outcome,
                table.reference.match(path),
                "the route of \(path.printable) in \(table.templates), router and reference"
            )
            try checkMethods(table.router, head, outcome)
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

    private static func head(_ path: [UInt8]) -> RequestHead {
        let head = RequestHead()
        head.bytes = path
        head.path = ByteRange(0, path.count)
        head.pathHasEscapes = path.contains(0x25)
        return head
    }
}
