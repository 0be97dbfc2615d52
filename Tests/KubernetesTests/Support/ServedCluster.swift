import Dispatch
import JSON
import Synchronization

/// The objects of an API server, by the paths of their collections. They can be listed in parts and watched; a collection can be
/// refused, forgotten, or all of the server be out of order.
final class ServedCluster: Sendable {
    private struct Collection {
        var objects: [String: JSONValue] = [:]
        var changes: [(version: Int, line: String)] = []
        /// Changes up to this version are forgotten.
        var forgotten = 0
        /// The status that every request gets.
        var refusal: Int?
        /// What lists wait for.
        var gate: DispatchSemaphore?
    }

    private struct State {
        var version = 1
        var collections: [String: Collection] = [:]
        var isOut = false
        var watchers: [Int: DispatchSemaphore] = [:]
        var count = 0
    }

    private let state = Mutex(State())

    // MARK: Changing

    /// Makes an object, or replaces it.
    func put(_ path: String, _ name: String, _ object: JSONValue) {
        change { state in
            var object = object
            var metadata = object["metadata"] ?? [:]
            metadata["name"] = .string(name)
            metadata["resourceVersion"] = .string(String(state.version))
            object["metadata"] = metadata
            var collection = state.collections[path] ?? Collection()
            let type = collection.objects.updateValue(object, forKey: name) == nil ? "ADDED" : "MODIFIED"
            collection.changes.append((state.version, ServedPods.line(type, object)))
            state.collections[path] = collection
        }
    }

    /// Deletes an object.
    func delete(_ path: String, _ name: String) {
        change { state in
            guard var object = state.collections[path]?.objects.removeValue(forKey: name) else { return }
            var metadata = object["metadata"] ?? [:]
            metadata["resourceVersion"] = .string(String(state.version))
            object["metadata"] = metadata
            let line = ServedPods.line("DELETED", object)
            state.collections[path]?.changes.append((state.version, line))
        }
    }

    /// Forgets the changes of a collection so far.
    func forget(_ path: String) {
        change { state in
            state.collections[path]?.changes = []
            state.collections[path]?.forgotten = state.version
        }
    }

    /// Answers all requests for a collection with a status from now on, or as usual again with nil.
    func refuse(_ path: String, _ code: Int?) {
        change { $0.collections[path, default: Collection()].refusal = code }
    }

    /// Lets lists of a collection wait from now on, until what is returned is called.
    func hold(_ path: String) -> @Sendable () -> Void {
        let gate = DispatchSemaphore(value: 0)
        change { $0.collections[path, default: Collection()].gate = gate }
        return { gate.signal() }
    }

    /// Cuts all connections, and every new one, until it is in order again.
    func setOut(_ isOut: Bool) {
        change { $0.isOut = isOut }
    }

    private func change(_ body: (inout State) -> Void) {
        let watchers = state.withLock { state in
            state.version += 1
            body(&state)
            return Array(state.watchers.values)
        }
        for watcher in watchers { watcher.signal() }
    }

    // MARK: Answering

    func serve(_ request: ScriptedRequest, _ connection: ScriptedConnection) {
        let (isOut, collection, version) = state.withLock {
            ($0.isOut, $0.collections[request.path] ?? Collection(), $0.version)
        }
        if isOut {
            connection.cut()
        } else if let code = collection.refusal {
            connection.answer(failure(code, code == 404 ? "NotFound" : "Forbidden"), status: code)
        } else if request.query["watch"] == "true" {
            watch(request, connection)
        } else {
            if let gate = collection.gate {
                gate.wait()
                gate.signal()
            }
            connection.answer(list(collection, version, request.query))
        }
    }

    /// A part of a list. What is left is told by the token, since tests change nothing while they list.
    private func list(_ collection: Collection, _ version: Int, _ query: [String: String]) -> JSONValue {
        let sorted = collection.objects.sorted { $0.key < $1.key }.map(\.value)
        let start = query["continue"].flatMap { Int($0) } ?? 0
        let end = min(sorted.count, start + (query["limit"].flatMap { Int($0) } ?? sorted.count))
        var metadata: JSONValue = ["resourceVersion": .string(String(version))]
        if end < sorted.count { metadata["continue"] = .string(String(end)) }
        return [
            "kind": "List", "apiVersion": "v1", "metadata": metadata,
            "items": .array(Array(sorted[start..<end])),
        ]
    }

    private func watch(_ request: ScriptedRequest, _ connection: ScriptedConnection) {
        let ready = DispatchSemaphore(value: 0)
        let number = state.withLock { state in
            state.count += 1
            state.watchers[state.count] = ready
            return state.count
        }
        defer { _ = state.withLock { $0.watchers.removeValue(forKey: number) } }
        connection.begin()
        var version = request.query["resourceVersion"].flatMap { Int($0) } ?? 0
        while true {
            let (isOut, collection, newest) = state.withLock {
                ($0.isOut, $0.collections[request.path] ?? Collection(), $0.version)
            }
            if isOut { return connection.cut() }
            if collection.refusal != nil { break }
            if version < collection.forgotten {
                connection.chunk(
                    ServedPods.line("ERROR", failure(410, "Expired", "too old resource version"))
                )
                break
            }
            for change in collection.changes where change.version > version {
                guard connection.chunk(change.line) else { return }
            }
            version = newest
            let bookmark: JSONValue = ["metadata": ["resourceVersion": .string(String(version))]]
            guard connection.chunk(ServedPods.line("BOOKMARK", bookmark)) else { return }
            // A client that is gone is noticed at the next bookmark.
            _ = ready.wait(timeout: .now() + .milliseconds(50))
        }
        connection.end()
    }
}
