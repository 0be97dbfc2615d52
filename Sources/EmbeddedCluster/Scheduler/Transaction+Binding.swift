import JSON
import KubernetesModel

extension Transaction {
    /// Gives a pod its node and notes that it is scheduled, in one write, as the API's `binding` subresource does.
    ///
    /// - Throws: 404 when there is no such pod, 409 when it is another one, is being deleted or has a node.
    @discardableResult
    mutating func bind(
        _ key: ObjectKey,
        uid: String? = nil,
        to node: String,
        now: Timestamp
    ) throws(APIStatus) -> KubernetesObject {
        guard var pod = state.object(.pods, key) else { throw APIStatus.notFound(.pods, key.name) }
        if let uid, !uid.isEmpty, uid != pod.uid {
            throw APIStatus.conflict(
                .pods,
                key.name,
                "Precondition failed: UID in precondition: \(uid), UID in object meta: \(pod.uid)"
            )
        }
        if pod.isBeingDeleted {
            throw APIStatus.conflict(
                .pods,
                key.name,
                "pod \(key.name) is being deleted, cannot be assigned to a host"
            )
        }
        if let present = pod.spec["nodeName"]?.stringValue, !present.isEmpty {
            throw APIStatus.conflict(
                .pods,
                key.name,
                "pod \(key.name) is already assigned to node \"\(present)\""
            )
        }
        if pod.spec["schedulingGates"]?.arrayValue?.isEmpty == false {
            throw APIStatus.conflict(.pods, key.name, "pod \(key.name) has non-empty .spec.schedulingGates")
        }
        pod.json[at: "spec", "nodeName"] = .string(node)
        pod.setCondition(Condition("PodScheduled", true), now: now)
        return put(.pods, pod)
    }
}
