import JSON
import KubernetesModel

/// The fields of a pod that its containers can be told (core/v1 ObjectFieldSelector, ResourceFieldSelector).
struct PodField {
    let pod: KubernetesObject
    let addresses: PodAddresses?

    init(_ pod: KubernetesObject, _ addresses: PodAddresses?) {
        self.pod = pod
        self.addresses = addresses
    }

    /// The text of a field; nil when there is no such field.
    func value(at path: String) -> String? {
        if let key = Self.key(path, "metadata.labels") { return pod.label(key) ?? "" }
        if let key = Self.key(path, "metadata.annotations") { return pod.annotation(key) ?? "" }
        switch path {
        case "metadata.name": return pod.name
        case "metadata.namespace": return pod.namespace
        case "metadata.uid": return pod.uid
        case "metadata.labels": return Self.lines(pod.labels)
        case "metadata.annotations": return Self.lines(pod.annotations)
        case "spec.nodeName": return pod.spec["nodeName"]?.stringValue
        case "spec.serviceAccountName": return pod.spec["serviceAccountName"]?.stringValue
        case "status.hostIP", "status.hostIPs": return addresses?.host
        case "status.podIP", "status.podIPs": return addresses?.pod
        default: return nil
        }
    }

    /// `KEY` of `PREFIX['KEY']`.
    private static func key(_ path: String, _ prefix: String) -> String? {
        guard path.hasPrefix("\(prefix)['"), path.hasSuffix("']") else { return nil }
        return String(path.dropFirst(prefix.count + 2).dropLast(2))
    }

    private static func lines(_ values: [String: String]) -> String {
        values.sorted { $0.key < $1.key }.map { "\($0.key)=\(JSONValue.string($0.value))" }
            .joined(separator: "\n")
    }

    /// A limit or request of a container in units of the divisor, rounded up. Without a limit it is what the node has.
    func resource(_ reference: JSONValue, of container: JSONValue, in state: ClusterState) -> String? {
        guard let path = reference["resource"]?.stringValue else { return nil }
        let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        var source = container
        if let name = reference["containerName"]?.stringValue {
            source = PodRecord.specifications(of: pod).first { $0["name"]?.stringValue == name } ?? container
        }
        var amount = ResourceList(json: source["resources"]?[parts[0]])[parts[1]]
        if amount == .zero, parts[0] == "limits" {
            let node = state.object(.nodes, ObjectKey(name: pod.spec["nodeName"]?.stringValue ?? ""))
            amount = ResourceList(json: node?.status["allocatable"])[parts[1]]
        }
        let divisor = ResourceList(json: ["d": reference["divisor"] ?? "1"])["d"]
        let unit = divisor > .zero ? divisor : Quantity(1)
        let (quotient, remainder) = amount.nano.quotientAndRemainder(dividingBy: unit.nano)
        return String(remainder > 0 ? quotient + 1 : quotient)
    }
}
