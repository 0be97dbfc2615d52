import HTTPServer
import HTTPTypes
import JSON
import Synchronization

/// A Hub on loopback: models, their files and users that a test names, in the shapes of the Hub's API. Large files are on a server
/// of their own, to which the Hub redirects, as the real one does.
final class StandInHub: Sendable {
    /// A request as it came.
    struct Seen: Sendable {
        var path: String
        var query: [(name: String, value: String)]
        var fields: [String: String]

        var token: String? { fields["authorization"] }

        func parameter(_ name: String) -> String? { query.first { $0.name == name }?.value }
        func parameters(_ name: String) -> [String] { query.filter { $0.name == name }.map(\.value) }
    }

    struct State: Sendable {
        /// Models as the Hub has them, with all fields.
        var models: [JSONValue] = []
        /// The bytes of files by model and path.
        var files: [String: [String: [UInt8]]] = [:]
        /// Users by their tokens.
        var users: [String: JSONValue] = [:]
        /// Which tokens may have the files of a gated model, and see a private one.
        var readers: [String: Set<String>] = [:]
        /// The most entries of a page.
        var longestPage = 1000
        /// Answers in the place of the usual ones, where it gives one.
        var instead: (@Sendable (Seen) async -> Response?)?
        var seen: [Seen] = []
        /// What came to the server of large files.
        var seenByStore: [Seen] = []
    }

    private let box: StateBox
    private let server: LocalServer
    private let store: LocalServer

    /// What the answers are made from; a class so that the servers can hold it.
    final class StateBox: Sendable {
        let state = Mutex(State())
    }

    var url: String { server.url }
    var seen: [Seen] { box.state.withLock(\.seen) }
    var seenByStore: [Seen] { box.state.withLock(\.seenByStore) }

    init() async throws {
        let box = StateBox()
        store = try await LocalServer { request in
            let seen = Seen(request)
            let files = box.state.withLock { state in
                state.seenByStore.append(seen)
                return state.files
            }
            let parts = seen.path.split(separator: "/", maxSplits: 2).map(String.init)
            guard parts.count == 3, let bytes = files["\(parts[0])/\(parts[1])"]?[parts[2]] else {
                return Response(status: .notFound)
            }
            return .file(bytes, range: seen.fields["range"])
        }
        let storeURL = store.url
        server = try await LocalServer { request in
            let seen = Seen(request)
            let state = box.state.withLock { state in
                state.seen.append(seen)
                return state
            }
            if let response = await state.instead?(seen) { return response }
            return HubAnswers(
                state: state,
                seen: seen,
                hub: "http://\(request[.hostField] ?? "")",
                store: storeURL
            ).response
        }
        self.box = box
    }

    func change(_ body: (inout State) -> Void) {
        box.state.withLock { body(&$0) }
    }

    func stop() async {
        await server.stop()
        await store.stop()
    }
}

extension HTTPField.Name {
    static let hostField = HTTPField.Name("Host") ?? .accept
    static let link = HTTPField.Name("Link") ?? .accept
}

extension StandInHub.Seen {
    init(_ request: Request) {
        path = request.path
        query = request.query.pairs
        fields = [:]
        for name: HTTPField.Name in [.authorization, .range, .ifNoneMatch, .cookie, .userAgent] {
            if let value = request[name] { fields[name.rawName.lowercased()] = value }
        }
    }
}

extension Response {
    /// A file, or the bytes of it that a range names (RFC 9110 §14).
    static func file(_ bytes: [UInt8], range: String?) -> Response {
        guard let range else { return Response(contentType: .octets, body: .bytes(bytes)) }
        let ends = range.dropFirst("bytes=".count).split(separator: "-").compactMap { Int($0) }
        guard ends.count == 2, ends[0] < bytes.count else {
            return Response(status: .rangeNotSatisfiable)
        }
        let last = min(ends[1], bytes.count - 1)
        var response = Response(
            status: .partialContent,
            contentType: .octets,
            body: .bytes(Array(bytes[ends[0]...last]))
        )
        response.add(.contentRange, "bytes \(ends[0])-\(last)/\(bytes.count)")
        return response
    }

    /// A refusal as the Hub has it.
    static func refusal(_ status: Int, code: String? = nil, _ message: String) -> Response {
        var response = Response(status: .init(code: status), json: ["error": .string(message)] as JSONValue)
        if let code, let name = HTTPField.Name("X-Error-Code") { response.add(name, code) }
        if let name = HTTPField.Name("X-Error-Message") { response.add(name, message) }
        return response
    }
}
