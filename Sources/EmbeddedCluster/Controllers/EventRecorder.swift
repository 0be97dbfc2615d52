import JSON
import KubernetesModel

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
        let namespace = object.namespace.isEmpty ? "default" : object.namespace
        let now = api.now().kubernetesTime
        var involved: JSONValue = [
            "kind": .string(object.kind), "name": .string(object.name), "uid": .string(object.uid),
            "apiVersion": .string(object.apiVersion), "resourceVersion": .string(object.resourceVersion),
        ]
        if !object.namespace.isEmpty { involved["namespace"] = .string(object.namespace) }
        if let field { involved["fieldPath"] = .string(field) }
        let name = Self.name(about: object, [component, host ?? "", reason, message, field ?? ""])
        let key = ObjectKey(namespace: namespace, name: name)
        if api.get(.events, key) != nil {
            _ = try? await api.update(.events, key, as: component) { event in
                event.json["count"] = .integer((event.json["count"]?.integerValue ?? 1) + 1)
                event.json["lastTimestamp"] = .string(now)
            }
            return
        }
        var source: JSONValue = ["component": .string(component)]
        if let host { source["host"] = .string(host) }
        let event: JSONValue = [
            "metadata": ["name": .string(name), "namespace": .string(namespace)],
            "involvedObject": involved, "reason": .string(reason), "message": .string(message),
            "source": source,
            "firstTimestamp": .string(now), "lastTimestamp": .string(now), "count": 1,
            "type": .string(severity.rawValue), "eventTime": .null, "reportingComponent": .string(component),
            "reportingInstance": .string(host ?? ""),
        ]
        _ = try? await api.create(.events, KubernetesObject(event), as: component)
    }

    /// A name that equal events share: the object's name and a digest of what is told (FNV-1a, 64 bits).
    private static func name(about object: KubernetesObject, _ parts: [String]) -> String {
        var digest: UInt64 = 0xCBF2_9CE4_8422_2325
        for part in [object.uid] + parts {
            for byte in part.utf8 { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01B3 }
            digest = (digest ^ 0xFF) &* 0x100_0000_01B3
        }
        let digits = String(digest, radix: 16)
        return "\(object.name.prefix(200)).\(String(repeating: "0", count: 16 - digits.utf8.count))\(digits)"
    }
}
