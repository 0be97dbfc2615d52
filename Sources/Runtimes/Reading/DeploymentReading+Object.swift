import Capacity
import JSON
import KubernetesModel

extension DeploymentReading {
    /// What all runtimes' objects say alike.
    init(_ object: KubernetesObject, _ runtime: RuntimeID) {
        let found = OwnMarks.specification(of: object)
        self.init(
            name: object.name,
            namespace: object.namespace,
            uid: object.uid,
            runtime: runtime,
            spec: found?.spec.runtime == runtime ? found?.spec : nil,
            isManaged: OwnMarks.isOwn(object)
        )
        created = object.creationTimestamp
        isBeingDeleted = object.isBeingDeleted
        conditions = (object.status["conditions"]?.arrayValue ?? []).compactMap(DeploymentCondition.init)
        servedName = object.name
        guard let spec else { return }
        modelID = spec.model.id
        servedName = spec.model.alias
        engine = spec.engine
        mode = spec.mode
        gpus =
            spec.mode == .aggregated || spec.prefill.gpus == spec.decode.gpus ? spec.groups.first?.gpus : nil
        replicas = ReplicaCounts(desired: spec.groups.reduce(0) { $0 + $1.replicas.count })
        if mode == .disaggregated {
            prefill = ReplicaCounts(desired: spec.prefill.replicas.count)
            decode = ReplicaCounts(desired: spec.decode.replicas.count)
        }
        pods = [.label(OwnMarks.deployment, spec.name)]
    }

    /// The condition of that type.
    func condition(_ type: String) -> DeploymentCondition? {
        conditions.first { $0.type == type }
    }
}

extension DeploymentCondition {
    /// Whether it is so.
    public var isTrue: Bool { status == "True" }
    /// Whether it is not so.
    public var isFalse: Bool { status == "False" }

    init?(_ json: JSONValue) {
        guard let type = json["type"]?.stringValue, let status = json["status"]?.stringValue else {
            return nil
        }
        self.init(
            type: type,
            status: status,
            reason: json["reason"]?.stringValue ?? "",
            message: json["message"]?.stringValue ?? "",
            since: json["lastTransitionTime"]?.stringValue.flatMap { Timestamp(rfc3339: $0) }
        )
    }
}
