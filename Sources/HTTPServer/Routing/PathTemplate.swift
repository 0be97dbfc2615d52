/// A path with parameters: `/api/models/{id}`, `/jobs/{number:int}`, `/files/{path...}`.
///
/// A segment is either literal text or one parameter. `{name}` takes one segment, decoded, so that `%2F` in it is part of
/// the value; `{name:int}` takes a segment that is a decimal integer; `{name...}` must come last and takes the rest of the
/// path, `/` included.
public struct PathTemplate: Sendable, Hashable, CustomStringConvertible {
    /// One segment of a template.
    enum Segment: Sendable, Hashable {
        case literal(String)
        case parameter(String, ParameterKind)
    }

    /// What a parameter takes.
    enum ParameterKind: Sendable, Hashable {
        case text
        case integer
        case rest
    }

    /// The template as written.
    public let description: String
    let segments: [Segment]
    /// Why the literal that the template was made from is none; nil for a good one.
    let defect: String?

    /// Why a template is refused.
    public struct Malformed: Error, Sendable, CustomStringConvertible {
        /// What is wrong with which template.
        public let description: String
    }

    /// - Throws: `Malformed` when the text is no template.
    public init(_ text: String) throws(Malformed) {
        guard text.first == "/" else { throw Malformed(description: "\(text) does not start with /") }
        description = text
        var segments: [Segment] = []
        var names: Set<String> = []
        for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            if case .parameter(_, .rest)? = segments.last {
                throw Malformed(description: "in \(text) something follows a parameter that takes the rest")
            }
            guard part.first == "{" else {
                guard !part.contains(where: { "{}%?#".contains($0) }) else {
                    throw Malformed(
                        description: "in \(text) the segment \(part) is neither literal nor a parameter"
                    )
                }
                segments.append(.literal(String(part)))
                continue
            }
            let parameter = try Self.parameter(part, of: text)
            guard names.insert(parameter.name).inserted else {
                throw Malformed(description: "in \(text) the name \(parameter.name) comes twice")
            }
            segments.append(.parameter(parameter.name, parameter.kind))
        }
        self.segments = segments
        defect = nil
    }

    private init(malformed text: String, _ error: Malformed) {
        description = text
        segments = []
        defect = error.description
    }

    private static func parameter(
        _ part: Substring,
        of text: String
    ) throws(Malformed) -> (name: String, kind: ParameterKind) {
        guard part.last == "}" else {
            throw Malformed(description: "in \(text) a { has no } at the segment's end")
        }
        var name = part.dropFirst().dropLast()
        var kind = ParameterKind.text
        if name.hasSuffix("...") {
            name = name.dropLast(3)
            kind = .rest
        } else if name.hasSuffix(":int") {
            name = name.dropLast(4)
            kind = .integer
        }
        guard !name.isEmpty, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
        else {
            throw Malformed(description: "in \(text) a parameter has no name of letters, digits and _")
        }
        return (String(name), kind)
    }

    /// The template without its parameters' names: equal for templates that take the same paths.
    var shape: String {
        segments.reduce(into: "") { shape, segment in
            switch segment {
            case .literal(let text): shape += "/" + text
            case .parameter(_, let kind): shape += "/{\(kind)}"
            }
        }
    }

    /// The template in OpenAPI's form, where a parameter is its bare name in braces.
    var openAPIPath: String {
        segments.reduce(into: "") { path, segment in
            switch segment {
            case .literal(let text): path += "/" + text
            case .parameter(let name, _): path += "/{" + name + "}"
            }
        }
    }
}

extension PathTemplate: ExpressibleByStringLiteral {
    /// A template from a literal in a route table. A literal that is no template is a mistake in this program, which the
    /// router reports when it is made.
    public init(stringLiteral text: String) {
        do throws(Malformed) {
            try self.init(text)
        } catch {
            self.init(malformed: text, error)
        }
    }
}

extension PathTemplate {
    /// The names of the parameters, in order.
    public var parameterNames: [String] {
        segments.compactMap { segment in
            guard case .parameter(let name, _) = segment else { return nil }
            return name
        }
    }
}
