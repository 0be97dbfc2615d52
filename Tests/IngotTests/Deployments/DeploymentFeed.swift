import HTTPClient
import HTTPTypes
import JSON
import Synchronization
import Testing

/// Deployments as `GET /api/deployments/events` tells of them.
final class DeploymentFeed: Sendable {
    private struct State {
        /// The deployments that there are, by namespace and name.
        var deployments: [String: JSONValue] = [:]
        var watchers: [Int: (key: String, continuation: AsyncStream<JSONValue?>.Continuation)] = [:]
        var nextWatcher = 0
    }

    struct Unfulfilled: Error {}

    private let state = Mutex(State())

    /// Takes up events until the stream ends or the task is cancelled.
    func follow(_ url: String, _ client: HTTPClient) async throws {
        while !Task.isCancelled {
            var request = HTTPClientRequest(url: url)
            request.acceptsCompression = false
            let response = try await client.send(request)
            guard response.status.code == 200 else {
                // The cluster has not been read yet.
                _ = try await response.body.collect(upTo: 1 << 20)
                await Task.yield()
                continue
            }
            var rest: [UInt8] = []
            for try await chunk in response.body {
                rest += chunk
                while let end = rest.firstRange(of: Array("\n\n".utf8)) {
                    try take(String(decoding: rest[..<end.lowerBound], as: UTF8.self))
                    rest.removeSubrange(..<end.upperBound)
                }
            }
            return
        }
    }

    private func take(_ event: String) throws {
        var name = ""
        var data = JSONValue.null
        for line in event.split(separator: "\n") {
            if line.hasPrefix("event: ") { name = String(line.dropFirst(7)) }
            if line.hasPrefix("data: ") { data = try JSONValue(parsing: String(line.dropFirst(6))) }
        }
        switch name {
        case "snapshot":
            for deployment in data["deployments"]?.arrayValue ?? [] { note(deployment, deployment) }
        case "changed": note(data, data)
        case "deleted": note(data, nil)
        default: break
        }
    }

    private func note(_ identity: JSONValue, _ deployment: JSONValue?) {
        let key = Self.key(identity["namespace"]?.stringValue ?? "", identity["name"]?.stringValue ?? "")
        state.withLock { state in
            state.deployments[key] = deployment
            for watcher in state.watchers.values where watcher.key == key {
                watcher.continuation.yield(deployment)
            }
        }
    }

    private static func key(_ namespace: String, _ name: String) -> String { "\(namespace)/\(name)" }

    /// Returns the deployment once it is so; nil stands for one that is not there.
    @discardableResult
    func until(
        _ what: String,
        _ name: String,
        in namespace: String,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ isFulfilled: (JSONValue?) -> Bool
    ) async throws -> JSONValue? {
        let key = Self.key(namespace, name)
        let (stream, continuation) = AsyncStream.makeStream(of: JSONValue?.self)
        let number = state.withLock { state in
            state.nextWatcher += 1
            state.watchers[state.nextWatcher] = (key, continuation)
            continuation.yield(state.deployments[key])
            return state.nextWatcher
        }
        defer { state.withLock { _ = $0.watchers.removeValue(forKey: number) } }
        var last: JSONValue?
        for await deployment in stream {
            if isFulfilled(deployment) { return deployment }
            last = deployment
        }
        let text = last.map(\.description) ?? "not there"
        Issue.record("\(key): not so that \(what); it is: \(text)", sourceLocation: sourceLocation)
        throw Unfulfilled()
    }
}
