import JSON
import KubernetesModel

/// Volumes whose content is in the API.
extension PodSync {
    private static let firstPause = Duration.milliseconds(500)
    private static let longestPause = Duration.seconds(122)

    /// Whether what the volumes refer to is there. While something is missing, no container is made.
    mutating func mountVolumes() -> Bool {
        // What is mounted stays, whatever becomes of its source.
        if record.containers.contains(where: { $0.runningID != nil || $0.termination != nil }) { return true }
        if let retry = record.mountRetry, retry.at > now, !record.waitsForConfiguration {
            lookAgain(at: retry.at)
            return false
        }
        var messages: [String] = []
        for volume in pod.spec["volumes"]?.arrayValue ?? [] {
            guard
                let problem = VolumeReferences(pod, state).problem(of: volume) ?? runtime.problem(of: volume)
            else { continue }
            let name = volume["name"]?.stringValue ?? ""
            messages.append("MountVolume.SetUp failed for volume \"\(name)\" : \(problem)")
        }
        guard !messages.isEmpty else {
            if record.mountRetry != nil { forgetMountProblems() }
            return true
        }
        let pause = record.mountRetry.map { min($0.pause * 2, Self.longestPause) } ?? Self.firstPause
        record.mountRetry = (now.advanced(by: pause), pause)
        record.waitsForConfiguration = true
        for index in record.containers.indices {
            // The kubelet leaves the message empty; here it says at once what the events say.
            if case .waiting(let reason, _) = record.containers[index].state {
                record.containers[index].wait(reason, messages.joined(separator: "; "))
            }
        }
        for message in messages {
            report(KubeletEvent(severity: .warning, reason: "FailedMount", message: message))
        }
        lookAgain(at: now.advanced(by: pause))
        return false
    }

    private mutating func forgetMountProblems() {
        record.mountRetry = nil
        for index in record.containers.indices {
            guard case .waiting(let reason, let message) = record.containers[index].state,
                message.hasPrefix("MountVolume.SetUp failed")
            else { continue }
            record.containers[index].wait(reason)
        }
    }
}

/// Whether the sources of a pod's volumes are there.
struct VolumeReferences {
    let pod: KubernetesObject
    let state: ClusterState

    init(_ pod: KubernetesObject, _ state: ClusterState) {
        self.pod = pod
        self.state = state
    }

    /// What is missing, in the kubelet's words; nil when nothing is.
    func problem(of volume: JSONValue) -> String? {
        if let source = volume["configMap"] { return problem(.configMaps, source, source["name"]) }
        if let source = volume["secret"] { return problem(.secrets, source, source["secretName"]) }
        for source in volume["projected"]?["sources"]?.arrayValue ?? [] {
            if let map = source["configMap"], let problem = problem(.configMaps, map, map["name"]) {
                return problem
            }
            if let secret = source["secret"], let problem = problem(.secrets, secret, secret["name"]) {
                return problem
            }
        }
        return nil
    }

    private func problem(_ resource: GroupResource, _ source: JSONValue, _ name: JSONValue?) -> String? {
        guard source["optional"]?.boolValue != true else { return nil }
        let name = name?.stringValue ?? ""
        guard let object = state.object(resource, pod.namespace, name) else {
            return "\(resource == .secrets ? "secret" : "configmap") \"\(name)\" not found"
        }
        let data = ObjectData(object).bytes
        for item in source["items"]?.arrayValue ?? [] {
            guard let key = item["key"]?.stringValue, data[key] == nil else { continue }
            return "references non-existent \(resource == .secrets ? "secret" : "config") key: \(key)"
        }
        return nil
    }
}
