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
        guard target.isEmpty || target == node.name,
            NodeAffinity(podSpecification: spec).allows(name: node.name, labels: node.labels)
        else {
            (shouldRun, mayStay) = (false, false)
            return
        }
        // The scheduler puts on this machine only what chooses it or can run there, which most agents cannot.
        if node.label(NodeLabels.thisMachine) == "true", spec["nodeSelector"]?[NodeLabels.thisMachine] == nil,
            target.isEmpty
        {
            (shouldRun, mayStay) = (false, true)
            return
        }
        let tolerations = (spec["tolerations"]?.arrayValue ?? []).compactMap(Toleration.init(json:))
        let untolerated = (node.spec["taints"]?.arrayValue ?? []).compactMap(Taint.init(json:)).filter {
            taint in !tolerations.contains { $0.tolerates(taint) }
        }.map(\.effect)
        shouldRun = !untolerated.contains(.noSchedule) && !untolerated.contains(.noExecute)
        mayStay = !untolerated.contains(.noExecute)
    }
}
