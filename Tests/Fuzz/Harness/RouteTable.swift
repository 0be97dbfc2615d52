import HTTPTypes
import JSON

@testable import HTTPServer

/// A router and the reference for it, with the same templates.
struct RouteTable {
    let templates: [String]
    let router: Router
    let reference: ReferenceRouter

    /// Of templates that differ only in the names of parameters, the first is taken: a router refuses the others.
    init(_ templates: [String]) throws(FuzzFinding) {
        var unique: [String] = []
        var shapes: Set<String> = []
        for text in templates {
            guard let template = try? PathTemplate(text), shapes.insert(template.shape).inserted else {
                continue
            }
            unique.append(text)
        }
        self.templates = unique
        reference = ReferenceRouter(unique)
        do {
            let routes = try unique.map { text in
                Route(
                    .get,
                    try PathTemplate(text),
                    access: .anyone,
                    documentation: .init(operationID: text, summary: "", tag: "", answers: []),
                    handler: .immediate { _, _ in }
                )
            }
            router = try Router([Surface(name: "fuzz", routes: routes, errorSchema: .any) { _, _, _ in }])
        } catch {
            throw FuzzFinding("a router with the templates \(unique) is refused: \(error)")
        }
    }
}
