import HTTPTypes

/// Finds the route of a request.
///
/// A path without escapes that some route has to the letter is found with one hash of the whole path. Any other walks a
/// tree, one hash for each segment, so the cost depends on the path's length and never on the number of routes.
public final class Router: Sendable {
    /// What a path and method lead to.
    enum Match {
        case route(Entry, PathParameters)
        /// The path exists, but not with this method.
        case otherMethod(allow: String)
        case none
        /// A segment that a parameter would take is not UTF-8.
        case malformed
    }

    /// A route, the surface that it belongs to, and what of both each request needs. A reference, so that a request takes
    /// one with a single retain.
    final class Entry: Sendable {
        let route: Route
        /// Its place in the table.
        let index: Int
        let surface: Int
        let handler: Route.Handler
        /// The most bytes of body that it takes; nil for the server's limit.
        let bodyLimit: Int?
        /// The media types, without parameters, that the route answers with when it succeeds.
        let offeredTypes: [String]
        /// The names of query parameters whose values stay out of logs.
        let secretParameters: [String]

        init(route: Route, index: Int, surface: Int) {
            self.route = route
            self.index = index
            self.surface = surface
            handler = route.handler
            bodyLimit = route.bodyLimit
            offeredTypes = route.documentation.answers.filter { $0.status < 300 }.compactMap(\.mediaType)
            secretParameters = route.documentation.parameters.filter { $0.isSecret && $0.place == .query }
                .map(\.name)
        }
    }

    /// Why a set of surfaces cannot be served.
    public struct Conflict: Error, Sendable, CustomStringConvertible {
        /// Which routes are in each other's way.
        public let description: String
    }

    /// The methods of one path.
    struct Endpoint: Sendable {
        /// For each `RequestMethod` the index of the route, or -1.
        var routes = InlineArray<11, Int>(repeating: -1)
        var allow = ""
    }

    let entries: [Entry]
    let surfaces: [Surface]
    private let endpoints: [Endpoint]
    private let exact: ByteKeyTable
    private let tree: RouteTree
    /// Every method that some route takes, for `OPTIONS *`.
    let allMethods: String

    /// - Throws: `Conflict` when two routes take the same requests.
    public init(_ surfaces: [Surface]) throws(Conflict) {
        var entries: [Entry] = []
        var endpoints: [Endpoint] = []
        var builder = RouteTree.Builder()
        var shapes: [String: PathTemplate] = [:]
        for (surfaceIndex, surface) in surfaces.enumerated() {
            for route in surface.routes {
                if let defect = route.path.defect { throw Conflict(description: defect) }
                guard route.path.description.hasPrefix(surface.prefix) else {
                    throw Conflict(
                        description: "\(route.path) is not below \(surface.name)'s prefix \(surface.prefix)"
                    )
                }
                // They would take the same paths, and only one of them would ever be asked for its methods.
                if let other = shapes.updateValue(route.path, forKey: route.path.shape), other != route.path {
                    throw Conflict(
                        description: "\(other) and \(route.path) differ only in a parameter's name"
                    )
                }
                let index = builder.endpoint(for: route.path) {
                    endpoints.append(Endpoint())
                    return endpoints.count - 1
                }
                guard
                    let method = RequestMethod.allCases.first(where: {
                        $0.name.description == route.method.rawValue
                    })
                else {
                    throw Conflict(description: "\(route.path) has a method that the server does not know")
                }
                guard endpoints[index].routes[Int(method.rawValue)] < 0 else {
                    throw Conflict(description: "two routes take \(route.method.rawValue) \(route.path)")
                }
                endpoints[index].routes[Int(method.rawValue)] = entries.count
                entries.append(Entry(route: route, index: entries.count, surface: surfaceIndex))
            }
        }
        for index in endpoints.indices { endpoints[index].complete() }
        self.entries = entries
        self.surfaces = surfaces
        self.endpoints = endpoints
        exact = ByteKeyTable(builder.literalPaths)
        tree = builder.build()
        allMethods = Self.methods(endpoints)
    }

    private static func methods(_ endpoints: [Endpoint]) -> String {
        RequestMethod.allCases.filter { method in
            method == .options || endpoints.contains { $0.routes[Int(method.rawValue)] >= 0 }
        }
        .map(\.name.description).joined(separator: ", ")
    }

    /// Matches a head whose target has a path.
    func match(_ head: RequestHead) -> Match {
        let content = head.bytes
        let bytes = content.span
        let start = Int(head.path.start)
        let end = Int(head.path.end)
        if !head.pathHasEscapes, let endpoint = exact.value(bytes, start, end) {
            return select(endpoint, head.method, PathParameters())
        }
        switch tree.find(bytes, start, end) {
        case .found(let endpoint, let parameters): return select(endpoint, head.method, parameters)
        case .notFound: return .none
        case .notUTF8: return .malformed
        }
    }

    /// The surface that answers for a path no route has: the one with the longest prefix of it.
    func surface(for head: RequestHead) -> Int {
        let path = head.slice(head.path)
        var best = 0
        var longest = -1
        for (index, surface) in surfaces.enumerated() where surface.prefix.utf8.count > longest {
            let prefix = surface.prefix.utf8
            guard path.starts(with: prefix) else { continue }
            let next = path.dropFirst(prefix.count).first
            guard prefix.isEmpty || next == nil || next == 0x2F else { continue }
            best = index
            longest = prefix.count
        }
        return best
    }

    private func select(_ endpoint: Int, _ method: RequestMethod, _ parameters: PathParameters) -> Match {
        let index = endpoints[endpoint].routes[Int(method.rawValue)]
        guard index >= 0 else { return .otherMethod(allow: endpoints[endpoint].allow) }
        return .route(entries[index], parameters)
    }
}

extension Router.Endpoint {
    /// Lets HEAD use the route of GET, and lists the methods for `Allow`.
    mutating func complete() {
        let get = routes[Int(RequestMethod.get.rawValue)]
        if get >= 0, routes[Int(RequestMethod.head.rawValue)] < 0 {
            routes[Int(RequestMethod.head.rawValue)] = get
        }
        allow = RequestMethod.allCases.filter { $0 == .options || routes[Int($0.rawValue)] >= 0 }
            .map(\.name.description).joined(separator: ", ")
    }
}
