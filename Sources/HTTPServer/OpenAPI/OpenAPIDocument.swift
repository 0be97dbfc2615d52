import HTTPTypes
import JSON

/// The OpenAPI 3.1 description of a router, written from its route tables, so that it cannot disagree with what is served.
public struct OpenAPIDocument: Sendable {
    /// The document's title.
    public var title: String
    /// The version of the program that serves it.
    public var version: String
    /// What it is about, in Markdown.
    public var description: String

    /// Whether callers have to show a token.
    public var requiresToken: Bool

    /// A document's particulars.
    public init(title: String, version: String, description: String, requiresToken: Bool = false) {
        self.title = title
        self.version = version
        self.description = description
        self.requiresToken = requiresToken
    }

    /// The document for `surfaces`, as JSON.
    public func json(_ surfaces: [Surface]) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("openapi")
            writer.string("3.1.0")
            writer.key("info")
            writer.object { writer in
                writer.key("title")
                writer.string(title)
                writer.key("version")
                writer.string(version)
                writer.key("description")
                writer.string(description)
            }
            writer.key("paths")
            writePaths(surfaces, to: &writer)
            writer.key("components")
            writer.object { writer in
                writer.key("schemas")
                writeComponents(surfaces, to: &writer)
                writer.key("securitySchemes")
                writeSecurityScheme(to: &writer)
            }
        }
        return writer.take()
    }

    private func writePaths(_ surfaces: [Surface], to writer: inout JSONWriter) {
        var rows: [String: [(route: Route, surface: Surface)]] = [:]
        for surface in surfaces {
            for route in surface.routes { rows[route.path.openAPIPath, default: []].append((route, surface)) }
        }
        writer.object { writer in
            for (path, rows) in rows.sorted(by: { $0.key < $1.key }) {
                writer.key(path)
                writer.object { writer in
                    for row in rows.sorted(by: { $0.route.method.rawValue < $1.route.method.rawValue }) {
                        writer.key(row.route.method.rawValue.lowercased())
                        write(row.route, of: row.surface, to: &writer)
                    }
                }
            }
        }
    }

    private func write(_ route: Route, of surface: Surface, to writer: inout JSONWriter) {
        let documentation = route.documentation
        writer.object { writer in
            writer.key("operationId")
            writer.string(documentation.operationID)
            writer.key("summary")
            writer.string(documentation.summary)
            if !documentation.description.isEmpty {
                writer.key("description")
                writer.string(documentation.description)
            }
            writer.key("tags")
            writer.array { $0.string(documentation.tag) }
            writer.key("x-ingot-access")
            writer.string(route.access.rawValue)
            writer.key("security")
            writeSecurity(of: route, to: &writer)
            let parameters = route.allParameters
            if !parameters.isEmpty {
                writer.key("parameters")
                writer.array { writer in
                    for parameter in parameters { write(parameter, to: &writer) }
                }
            }
            if let body = documentation.requestBody {
                writer.key("requestBody")
                write(body, to: &writer)
            }
            writer.key("responses")
            writeAnswers(route, of: surface, to: &writer)
        }
    }

    private static let scheme = "bearer"

    private func writeSecurityScheme(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key(Self.scheme)
            writer.object { writer in
                writer.key("type")
                writer.string("http")
                writer.key("scheme")
                writer.string("bearer")
                writer.key("description")
                writer.string(
                    "A token of the cluster, or of the OpenID Connect issuer that the server trusts."
                )
            }
        }
    }

    /// Without a requirement for what is public. The role stands behind the scheme, as OpenAPI 3.1 allows; an empty requirement says
    /// that a server which asks for no token does without.
    private func writeSecurity(of route: Route, to writer: inout JSONWriter) {
        writer.array { writer in
            guard route.access != .anyone else { return }
            writer.object { writer in
                writer.key(Self.scheme)
                writer.array { $0.string(route.access.rawValue) }
            }
            if !requiresToken { writer.object { _ in } }
        }
    }

    private func write(_ parameter: Route.Parameter, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("name")
            writer.string(parameter.name)
            writer.key("in")
            writer.string(parameter.place.rawValue)
            writer.key("description")
            writer.string(parameter.description)
            writer.key("required")
            writer.bool(parameter.isRequired)
            writer.key("schema")
            parameter.schema.write(to: &writer)
        }
    }

    private func write(_ body: Route.RequestBody, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("description")
            writer.string(body.description)
            writer.key("required")
            writer.bool(true)
            writer.key("content")
            writeContent(body.mediaType, body.schema, to: &writer)
        }
    }

    private func writeAnswers(_ route: Route, of surface: Surface, to writer: inout JSONWriter) {
        writer.object { writer in
            let answers = route.documentation.answers
            for (index, answer) in answers.enumerated() {
                // Answers of one status differ in their media types.
                guard !answers[..<index].contains(where: { $0.status == answer.status }) else { continue }
                let alike = answers[index...].filter { $0.status == answer.status }
                writer.key(String(answer.status))
                writer.object { writer in
                    writer.key("description")
                    writer.string(alike.map(\.description).joined(separator: " "))
                    let contents = alike.compactMap { answer in
                        answer.mediaType.map { (mediaType: $0, schema: answer.schema ?? .any) }
                    }
                    guard !contents.isEmpty else { return }
                    writer.key("content")
                    writeContents(contents, to: &writer)
                }
            }
            writer.key("default")
            writer.object { writer in
                writer.key("description")
                writer.string("The request was refused or failed.")
                writer.key("content")
                writeContent("application/json", surface.errorSchema, to: &writer)
            }
        }
    }

    private func writeContent(_ mediaType: String, _ schema: JSONSchema, to writer: inout JSONWriter) {
        writeContents([(mediaType, schema)], to: &writer)
    }

    private func writeContents(
        _ contents: [(mediaType: String, schema: JSONSchema)],
        to writer: inout JSONWriter
    ) {
        writer.object { writer in
            for content in contents {
                writer.key(content.mediaType)
                writer.object { writer in
                    writer.key("schema")
                    content.schema.write(to: &writer)
                }
            }
        }
    }

    private func writeComponents(_ surfaces: [Surface], to writer: inout JSONWriter) {
        var components = JSONSchemaComponents()
        for surface in surfaces {
            components.add(surface.errorSchema)
            for route in surface.routes {
                for parameter in route.allParameters { components.add(parameter.schema) }
                if let body = route.documentation.requestBody { components.add(body.schema) }
                for answer in route.documentation.answers {
                    if let schema = answer.schema { components.add(schema) }
                }
            }
        }
        components.write(to: &writer)
    }
}

extension Route {
    /// The documented parameters, and those of the path that the documentation does not mention.
    var allParameters: [Parameter] {
        let documented = documentation.parameters
        let fromPath: [Parameter] = path.segments.compactMap { segment in
            guard case .parameter(let name, let kind) = segment,
                !documented.contains(where: { $0.place == .path && $0.name == name })
            else { return nil }
            return Parameter(
                .path,
                name,
                name,
                isRequired: true,
                schema: kind == .integer ? .integer() : .string()
            )
        }
        return fromPath + documented
    }
}
