import JSON
import KubernetesModel

/// Whether a daemon set's pod belongs on a node (daemon controller, NodeShouldRunDaemonPod).
struct NodeEligibility {
    /// Whether a pod is to be made there when there is none.
    let shouldRun: Bool
    /// Whether a pod that is there may stay.
    let mayStay: Bool

    init(_ spec: JSONValue, _ node: KubernetesObject) {
        let target = spec["nodeName"]?.stringValue ?? ""
        guard target.isEmpty || target == node.name, Self.selects(spec, node) else {
            (shouldRun, mayStay) = (false, false)
            return
        }
        let tolerations = (spec["tolerations"]?.arrayValue ?? []).compactMap(Toleration.init(json:))
        let untolerated = (node.spec["taints"]?.arrayValue ?? []).compactMap(Taint.init(json:)).filter {
            taint in
            !tolerations.contains { $0.tolerates(taint) }
        }
        shouldRun = !untolerated.contains { $0.effect != .preferNoSchedule }
        mayStay = !untolerated.contains { $0.effect == .noExecute }
    }

    /// Whether the pod's node selector and its required node affinity select the node.
    private static func selects(_ spec: JSONValue, _ node: KubernetesObject) -> Bool {
        let labels = spec["nodeSelector"]?.objectValue ?? JSONMembers()
        guard labels.allSatisfy({ node.label($0.key) == $0.value.stringValue }) else { return false }
        let required = spec["affinity"]?["nodeAffinity"]?["requiredDuringSchedulingIgnoredDuringExecution"]
        guard let terms = required?["nodeSelectorTerms"]?.arrayValue else { return true }
        return terms.contains { matches($0, node) }
    }

    /// Whether all of a term's expressions hold; a term without any selects nothing.
    private static func matches(_ term: JSONValue, _ node: KubernetesObject) -> Bool {
        let expressions = term["matchExpressions"]?.arrayValue ?? []
        let fields = term["matchFields"]?.arrayValue ?? []
        guard !expressions.isEmpty || !fields.isEmpty else { return false }
        let holds = { (expression: JSONValue, values: (String) -> String?) -> Bool in
            (try? LabelSelector.Requirement(expression: expression))?.matches(values) ?? false
        }
        return expressions.allSatisfy { holds($0) { node.label($0) } }
            && fields.allSatisfy { holds($0) { $0 == "metadata.name" ? node.name : nil } }
    }
}
