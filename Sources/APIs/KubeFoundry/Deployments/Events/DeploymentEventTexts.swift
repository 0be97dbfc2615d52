import ControlPlane
import JSON
import Runtimes
import Synchronization

/// What followers of deployments are told. Each deployment and each change is encoded once, for however many follow.
final class DeploymentEventTexts: Sendable {
    /// A change as it goes to followers.
    struct Event: Sendable {
        /// As a server-sent event.
        let stream: [UInt8]
        private let name: String
        private let id: DeploymentEventID
        private let data: Range<Int>

        init(_ name: String, _ id: DeploymentEventID, data: [UInt8]) {
            self.name = name
            self.id = id
            // JSON as it is written here has no line breaks, so that it is one line of the event.
            let head = Array("event: \(name)\nid: \(id)\ndata: ".utf8)
            self.data = head.count..<head.count + data.count
            stream = head + data + Array("\n\n".utf8)
        }

        /// As a WebSocket's message.
        var message: String {
            "{\"type\":\"\(name)\",\"id\":\"\(id)\",\"data\":\(String(decoding: stream[data], as: UTF8.self))}"
        }
    }

    private struct State {
        /// Deployments as they are told of, with the revisions of their records.
        var bodies: [DeploymentKey: (revision: UInt64, bytes: [UInt8])] = [:]
        /// The latest changes, by their numbers.
        var events: [UInt64: Event] = [:]
        var newest: UInt64 = 0
    }

    /// How many changes are kept, of some hundred bytes each. When all who follow are behind, they are not all at the same place.
    private static let keptEvents: UInt64 = 2048

    private let state = Mutex(State())

    /// A deployment as JSON.
    func body(of record: DeploymentRecord) -> [UInt8] {
        state.withLock { Self.body(of: record, &$0) }
    }

    // Encoding takes some microseconds: those who ask for the same wait less than they would take to do it themselves.
    private static func body(of record: DeploymentRecord, _ state: inout State) -> [UInt8] {
        if let known = state.bodies[record.key], known.revision == record.revision { return known.bytes }
        var writer = JSONWriter()
        DeploymentBody(record: record).encode(to: &writer)
        let bytes = writer.take()
        if (state.bodies[record.key]?.revision ?? 0) < record.revision {
            state.bodies[record.key] = (record.revision, bytes)
        }
        return bytes
    }

    /// Forgets deployments that are not among these.
    func keep(only records: [DeploymentRecord]) {
        state.withLock { state in
            guard state.bodies.count > records.count else { return }
            let present = Set(records.map(\.key))
            state.bodies = state.bodies.filter { present.contains($0.key) }
        }
    }

    /// A change.
    func event(_ change: DeploymentChange) -> Event {
        state.withLock { state in
            if let known = state.events[change.revision] { return known }
            let event = Self.encode(change, &state)
            state.newest = max(state.newest, change.revision)
            if change.revision + Self.keptEvents > state.newest {
                state.events[change.revision] = event
                if state.events.count > 2 * Int(Self.keptEvents) {
                    let newest = state.newest
                    state.events = state.events.filter { $0.key + Self.keptEvents > newest }
                }
            }
            return event
        }
    }

    private static func encode(_ change: DeploymentChange, _ state: inout State) -> Event {
        let id = DeploymentEventID(change.revision)
        let name: String
        let data: [UInt8]
        if let record = change.record {
            name = "changed"
            data = body(of: record, &state)
        } else {
            name = "deleted"
            var writer = JSONWriter()
            DeploymentDeletion(key: change.key).encode(to: &writer)
            data = writer.take()
            if let known = state.bodies[change.key], known.revision < change.revision {
                state.bodies[change.key] = nil
            }
        }
        return Event(name, id, data: data)
    }
}

/// A deployment that is gone.
struct DeploymentDeletion: JSONObject {
    let key: DeploymentKey

    static let schemaName = "DeploymentDeletion"
    static let fields: [JSONField<DeploymentDeletion>] = [
        .init("name", "The name", example: "qwen-deployment") { $0.key.name },
        .init("namespace", "The namespace", example: "kubefoundry") { $0.key.namespace },
        .init("provider", "The runtime", example: "dynamo") { $0.key.runtime.rawValue }
            .schema(.enumeration(RuntimeID.allCases.map(\.rawValue))),
    ]
}
