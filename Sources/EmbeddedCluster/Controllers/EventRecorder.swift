import JSON
import KubernetesModel
import Synchronization

/// Writes events about objects, as controllers do: the same event again raises a count instead of making another.
struct EventRecorder: Sendable {
    /// Whether an event tells of trouble.
    enum Severity: String, Sendable {
        case normal = "Normal"
        case warning = "Warning"
    }

    let api: ClusterAPI
    /// Who reports, such as `kubelet`.
    let component: String
    /// The node that the reporter is on; nil for none.
    var host: String?

    /// Reports about an object. A failure to write an event is no failure of what it tells of.
    func record(
        _ severity: Severity,
        _ reason: String,
        _ message: String,
        about object: KubernetesObject,
        field: String? = nil
    ) async {
        let event = event(severity, reason, message, about: object, field: field)
        let key = ObjectKey(event)
        if api.get(.events, key) != nil {
            let now = api.now().kubernetesTime
            _ = try? await api.update(.events, key, as: component) { event in
                event.json["count"] = .integer((event.json["count"]?.integerValue ?? 1) + 1)
                event.json["lastTimestamp"] = .string(now)
            }
            return
        }
        _ = try? await api.create(.events, event, as: component)
    }

    /// The event as it is told for the first time. It has the name of the one that was told before, if that is still there.
    func event(
        _ severity: Severity,
        _ reason: String,
        _ message: String,
        about object: KubernetesObject,
        field: String? = nil
    ) -> KubernetesObject {
        let namespace = object.namespace.isEmpty ? "default" : object.namespace
        let now = api.now().kubernetesTime
        var involved: JSONValue = [
            "kind": .string(object.kind), "name": .string(object.name), "uid": .string(object.uid),
            "apiVersion": .string(object.apiVersion), "resourceVersion": .string(object.resourceVersion),
        ]
        if !object.namespace.isEmpty { involved["namespace"] = .string(object.namespace) }
        if let field { involved["fieldPath"] = .string(field) }
        let digest = Self.digest([object.uid, component, host ?? "", reason, message, field ?? ""])
        let stem = "\(object.name.prefix(200))."
        let suffix = api.eventNames.suffix(digest, now: api.now()) { suffix in
            api.get(.events, ObjectKey(namespace: namespace, name: stem + suffix)) != nil
        }
        var source: JSONValue = ["component": .string(component)]
        if let host { source["host"] = .string(host) }
        return KubernetesObject([
            "metadata": ["name": .string(stem + suffix), "namespace": .string(namespace)],
            "involvedObject": involved, "reason": .string(reason), "message": .string(message),
            "source": source,
            "firstTimestamp": .string(now), "lastTimestamp": .string(now), "count": 1,
            "type": .string(severity.rawValue), "eventTime": .null, "reportingComponent": .string(component),
            "reportingInstance": .string(host ?? ""),
        ])
    }

    /// A number that equal events share (FNV-1a, 64 bits).
    private static func digest(_ parts: [String]) -> UInt64 {
        var digest: UInt64 = 0xCBF2_9CE4_8422_2325
        for part in parts {
            for byte in part.utf8 { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01B3 }
            digest = (digest ^ 0xFF) &* 0x100_0000_01B3
        }
        return digest
    }
}

/// The ends of events' names. They grow with time, as upstream's do, so that a list by name is one by time where clients look no
/// closer than at seconds.
final class EventNames: Sendable {
    private struct State {
        var known: [UInt64: String] = [:]
        var last: UInt64 = 0
    }

    /// More are forgotten; the next event of that kind is then one of its own.
    private static let most = 20_000
    private let state = Mutex(State())

    /// The end of the name of an event: the one of the event before that was told with the same digest, if that is still there,
    /// or a new one.
    func suffix(_ digest: UInt64, now: Timestamp, isThere: (String) -> Bool) -> String {
        let known = state.withLock { $0.known[digest] }
        if let known, isThere(known) { return known }
        return state.withLock { state in
            if state.known.count >= Self.most { state.known = [:] }
            let time =
                UInt64(clamping: now.secondsSinceEpoch) &* 1_000_000_000 &+ UInt64(clamping: now.nanoseconds)
            state.last = max(time, state.last + 1)
            let digits = String(state.last, radix: 16)
            let suffix = String(repeating: "0", count: max(0, 16 - digits.utf8.count)) + digits
            state.known[digest] = suffix
            return suffix
        }
    }
}
