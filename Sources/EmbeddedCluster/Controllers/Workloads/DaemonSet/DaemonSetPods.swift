import JSON
import KubernetesModel

/// How the pods of a daemon set are made: each for one node (daemon controller util).
struct DaemonSetPods: Sendable {
    let owner: KubernetesObject
    /// The digest of the present template.
    let hash: String

    static let revisionLabel = "controller-revision-hash"
    static let generationLabel = "pod-template-generation"

    /// The specification by which nodes are judged: the template's, with the tolerations that daemons have.
    var spec: JSONValue {
        var spec = owner.spec["template"]?["spec"] ?? [:]
        var tolerations = spec["tolerations"]?.arrayValue ?? []
        var taints = [
            ("node.kubernetes.io/not-ready", "NoExecute"), ("node.kubernetes.io/unreachable", "NoExecute"),
            ("node.kubernetes.io/disk-pressure", "NoSchedule"),
            ("node.kubernetes.io/memory-pressure", "NoSchedule"),
            ("node.kubernetes.io/pid-pressure", "NoSchedule"),
            ("node.kubernetes.io/unschedulable", "NoSchedule"),
        ]
        if spec["hostNetwork"] == true {
            taints.append(("node.kubernetes.io/network-unavailable", "NoSchedule"))
        }
        for (key, effect) in taints {
            let toleration: JSONValue = [
                "key": .string(key), "operator": "Exists", "effect": .string(effect),
            ]
            if !tolerations.contains(toleration) { tolerations.append(toleration) }
        }
        spec["tolerations"] = .array(tolerations)
        return spec
    }

    /// The pod for a node: the scheduler binds it there, whatever other nodes offer.
    func pod(on node: String) -> KubernetesObject {
        var pod = PodFactory.pod(from: owner.spec["template"] ?? [:], owner: owner)
        pod.spec = spec
        pod.setLabel(Self.revisionLabel, hash)
        pod.setLabel(Self.generationLabel, owner.annotation(DaemonSetStrategy.templateGeneration) ?? "1")
        pod.json[
            at: "spec",
            "affinity",
            "nodeAffinity",
            "requiredDuringSchedulingIgnoredDuringExecution"
        ] = [
            "nodeSelectorTerms": [
                [
                    "matchFields": [
                        ["key": "metadata.name", "operator": "In", "values": [.string(node)]]
                    ]
                ]
            ]
        ]
        return pod
    }

    /// The node that a pod runs on or is meant for.
    static func node(of pod: KubernetesObject) -> String? {
        let node = PodState.node(pod)
        if !node.isEmpty { return node }
        let affinity = pod.spec["affinity"]?["nodeAffinity"]
        let terms = affinity?["requiredDuringSchedulingIgnoredDuringExecution"]?["nodeSelectorTerms"]
        let field = terms?[0]?["matchFields"]?[0]
        return field?["key"] == "metadata.name" ? field?["values"]?[0]?.stringValue : nil
    }

    func isUpdated(_ pod: KubernetesObject) -> Bool { pod.label(Self.revisionLabel) == hash }
}
