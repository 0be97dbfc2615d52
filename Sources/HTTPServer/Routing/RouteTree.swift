/// The tree of path segments behind a `Router`.
struct RouteTree: Sendable {
    enum Outcome {
        case found(Int, PathParameters)
        case notFound
        case notUTF8
    }

    struct Edge: Sendable {
        var name: String
        var kind: PathTemplate.ParameterKind
        /// The node below; for a parameter that takes the rest, the endpoint.
        var target: Int
    }

    struct Node: Sendable {
        var literals: ByteKeyTable
        /// Integers before texts before rests, so that the narrowest wins.
        var parameters: [Edge]
        var endpoint: Int?
    }

    private let nodes: [Node]

    /// Walks the path's segments from `start`, where its first `/` stands.
    func find(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Outcome {
        guard start < end else { return .notFound }
        var parameters: [(name: String, value: String)] = []
        return walk(0, bytes, start + 1, end, &parameters)
    }

    /// `start` is where the next segment starts.
    private func walk(
        _ node: Int,
        _ bytes: Span<UInt8>,
        _ start: Int,
        _ end: Int,
        _ parameters: inout [(name: String, value: String)]
    ) -> Outcome {
        var stop = start
        var isEscaped = false
        while stop < end, bytes[stop] != 0x2F {
            if bytes[stop] == 0x25 { isEscaped = true }
            stop += 1
        }
        let decoded = isEscaped ? PercentEncoding.decode(Self.copy(bytes, start, stop)) : nil
        let literal =
            if let decoded {
                nodes[node].literals.value(decoded.span, 0, decoded.count)
            } else {
                nodes[node].literals.value(bytes, start, stop)
            }
        if let literal {
            let outcome = step(literal, bytes, stop, end, &parameters)
            if case .notFound = outcome {} else { return outcome }
        }
        for edge in nodes[node].parameters {
            let upper = edge.kind == .rest ? end : stop
            guard upper > start else { continue }
            let raw = Self.copy(bytes, start, upper)
            guard
                let value = String(
                    validating: isEscaped || edge.kind == .rest ? PercentEncoding.decode(raw) : raw,
                    as: UTF8.self
                )
            else { return .notUTF8 }
            // `Int` would also take a plus sign.
            if edge.kind == .integer, value.utf8.first == 0x2B || Int(value) == nil { continue }
            parameters.append((edge.name, value))
            if edge.kind == .rest { return .found(edge.target, PathParameters(values: parameters)) }
            let outcome = step(edge.target, bytes, stop, end, &parameters)
            if case .notFound = outcome {} else { return outcome }
            parameters.removeLast()
        }
        return .notFound
    }

    private func step(
        _ node: Int,
        _ bytes: Span<UInt8>,
        _ stop: Int,
        _ end: Int,
        _ parameters: inout [(name: String, value: String)]
    ) -> Outcome {
        guard stop < end else {
            guard let endpoint = nodes[node].endpoint else { return .notFound }
            return .found(endpoint, PathParameters(values: parameters))
        }
        return walk(node, bytes, stop + 1, end, &parameters)
    }

    private static func copy(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> [UInt8] {
        var copy: [UInt8] = []
        copy.append(contentsOf: bytes, from: start, count: end - start)
        return copy
    }
}

extension RouteTree {
    /// Collects templates.
    struct Builder {
        private struct Draft {
            var literals: [String: Int] = [:]
            var parameters: [Edge] = []
            var endpoint: Int?
        }

        private var drafts = [Draft()]
        /// The paths without parameters, with their endpoints.
        private(set) var literalPaths: [(key: [UInt8], value: Int)] = []

        /// The endpoint of `template`, made with `make` when no equal template was there before.
        mutating func endpoint(for template: PathTemplate, make: () -> Int) -> Int {
            var node = 0
            for segment in template.segments {
                switch segment {
                case .literal(let text):
                    if let next = drafts[node].literals[text] {
                        node = next
                    } else {
                        drafts.append(Draft())
                        drafts[node].literals[text] = drafts.count - 1
                        node = drafts.count - 1
                    }
                case .parameter(let name, let kind):
                    if let edge = drafts[node].parameters.first(where: { $0.kind == kind && $0.name == name })
                    {
                        if kind == .rest { return edge.target }
                        node = edge.target
                    } else if kind == .rest {
                        let endpoint = make()
                        drafts[node].parameters.append(Edge(name: name, kind: kind, target: endpoint))
                        return endpoint
                    } else {
                        drafts.append(Draft())
                        drafts[node].parameters.append(Edge(name: name, kind: kind, target: drafts.count - 1))
                        node = drafts.count - 1
                    }
                }
            }
            if let endpoint = drafts[node].endpoint { return endpoint }
            let endpoint = make()
            drafts[node].endpoint = endpoint
            if !template.segments.contains(where: { if case .parameter = $0 { true } else { false } }) {
                literalPaths.append((Array(template.description.utf8), endpoint))
            }
            return endpoint
        }

        func build() -> RouteTree {
            RouteTree(
                nodes: drafts.map { draft in
                    Node(
                        literals: ByteKeyTable(draft.literals.map { (Array($0.key.utf8), $0.value) }),
                        parameters: draft.parameters.sorted { $0.kind.rank < $1.kind.rank },
                        endpoint: draft.endpoint
                    )
                }
            )
        }
    }
}

extension PathTemplate.ParameterKind {
    fileprivate var rank: Int {
        switch self {
        case .integer: 0
        case .text: 1
        case .rest: 2
        }
    }
}
