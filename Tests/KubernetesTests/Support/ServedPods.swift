import Dispatch
import JSON
import Synchronization

/// The pods of an API server: they can be listed in parts of one version, and watched from any version that is not forgotten.
final class ServedPods: Sendable {
    private struct Change {
        var version: Int
        var line: String
    }

    private struct State {
        var version = 100
        var pods: [String: Int] = [:]
        var changes: [Change] = []
        /// Changes up to this version are forgotten.
        var forgotten = 100
        /// What is left of lists that were begun, by their tokens.
        var parts: [String: (version: Int, names: [(String, Int)])] = [:]
        var watchers: [Int: DispatchSemaphore] = [:]
        var count = 0
    }

    private let state = Mutex(State())

    /// The resource versions of the pods by their names.
    var pods: [String: Int] { state.withLock(\.pods) }
    var version: Int { state.withLock(\.version) }

    // MARK: Changing

    /// Makes a pod, or changes it.
    func put(_ name: String) {
        change { state in
            let type = state.pods[name] == nil ? "ADDED" : "MODIFIED"
            state.pods[name] = state.version
            return (type, name)
        }
    }

    /// Deletes a pod.
    func delete(_ name: String) {
        guard pods[name] != nil else { return }
        change { state in
            state.pods[name] = nil
            return ("DELETED", name)
        }
    }

    /// Forgets all changes so far, and the lists that were begun.
    func forget() {
        state.withLock { state in
            state.forgotten = state.version
            state.changes = []
            state.parts = [:]
        }
    }

    private func change(_ body: (inout State) -> (type: String, name: String)) {
        let watchers = state.withLock { state in
            state.version += 1
            let (type, name) = body(&state)
            state.changes.append(
                Change(version: state.version, line: Self.line(type, Self.pod(name, state.version)))
            )
            return Array(state.watchers.values)
        }
        for watcher in watchers { watcher.signal() }
    }

    static func pod(_ name: String, _ version: Int) -> JSONValue {
        [
            "metadata": ["name": .string(name), "resourceVersion": .string(String(version))],
            "spec": ["text": "braces }{ and \"quotes\" \n 🚀"],
        ]
    }

    static func line(_ type: String, _ object: JSONValue) -> String {
        JSONValue.object(
            {
                var members = JSONMembers()
                members["type"] = .string(type)
                members["object"] = object
                return members
            }()
        ).description + "\n"
    }

    // MARK: Listing

    /// The answer to a request for a list: an object, or nil where the token is forgotten.
    func list(_ query: [String: String]) -> JSONValue? {
        let limit = query["limit"].flatMap { Int($0) } ?? 500
        return state.withLock { state in
            let version: Int
            var names: [(String, Int)]
            if let token = query["continue"] {
                guard let part = state.parts[token] else { return nil }
                (version, names) = part
            } else {
                version = state.version
                names = state.pods.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            }
            var metadata: JSONValue = ["resourceVersion": .string(String(version))]
            if names.count > limit {
                state.count += 1
                let token = "part-\(state.count)"
                state.parts[token] = (version, Array(names.dropFirst(limit)))
                names = Array(names.prefix(limit))
                metadata["continue"] = .string(token)
            }
            return [
                "kind": "PodList", "apiVersion": "v1", "metadata": metadata,
                "items": .array(names.map { Self.pod($0.0, $0.1) }),
            ]
        }
    }

    // MARK: Watching

    /// The lines of the changes after a version; nil when some of them are forgotten.
    func lines(after version: Int) -> (lines: [String], version: Int)? {
        state.withLock { state in
            guard version >= state.forgotten else { return nil }
            return (state.changes.filter { $0.version > version }.map(\.line), state.version)
        }
    }

    /// Sends all changes from the request's version on, until the client goes away or `count` lines, bookmarks among them, were sent.
    func serveWatch(_ request: ScriptedRequest, _ connection: ScriptedConnection, lines count: Int = .max) {
        let ready = DispatchSemaphore(value: 0)
        let number = state.withLock { state in
            state.count += 1
            state.watchers[state.count] = ready
            return state.count
        }
        defer { _ = state.withLock { $0.watchers.removeValue(forKey: number) } }
        connection.begin()
        var version = request.query["resourceVersion"].flatMap { Int($0) } ?? 0
        var left = count
        while left > 0 {
            guard let found = lines(after: version) else {
                connection.chunk(Self.line("ERROR", failure(410, "Expired", "too old resource version")))
                break
            }
            for line in found.lines.prefix(left) {
                guard connection.chunk(line) else { return }
                left -= 1
            }
            version = found.version
            if left > 0 {
                left -= 1
                let bookmark: JSONValue = ["metadata": ["resourceVersion": .string(String(version))]]
                guard connection.chunk(Self.line("BOOKMARK", bookmark)) else { return }
                // A client that is gone is noticed at the next bookmark.
                _ = ready.wait(timeout: .now() + .milliseconds(20))
            }
        }
        connection.end()
    }

    /// Answers as a well-behaved server does.
    func serve(_ request: ScriptedRequest, _ connection: ScriptedConnection) {
        if request.query["watch"] == "true" {
            serveWatch(request, connection)
        } else if let list = list(request.query) {
            connection.answer(list)
        } else {
            connection.answer(failure(410, "Expired"), status: 410)
        }
    }
}
