import JSON
import KubernetesModel

/// Deployments (apps/v1 SetDefaults_Deployment, apps/validation).
struct DeploymentStrategy: ResourceStrategy {
    func prepareForCreate(_ object: inout KubernetesObject, _ state: ClusterState, now: Timestamp) {
        Self.applyDefaults(to: &object)
        object.status = [:]
    }

    func prepareForUpdate(_ object: inout KubernetesObject, _ present: KubernetesObject, _ part: ObjectPart) {
        if part != .status { Self.applyDefaults(to: &object) }
    }

    private static func applyDefaults(to object: inout KubernetesObject) {
        var spec = object.spec
        spec.setDefault("replicas", 1)
        spec.setDefault("strategy", [:])
        spec["strategy"]?.setDefault("type", "RollingUpdate")
        if spec["strategy"]?["type"] == "RollingUpdate" {
            spec["strategy"]?.setDefault("rollingUpdate", [:])
            spec["strategy"]?["rollingUpdate"]?.setDefault("maxUnavailable", "25%")
            spec["strategy"]?["rollingUpdate"]?.setDefault("maxSurge", "25%")
        } else if spec["strategy"]?["rollingUpdate"]?.isNull == true {
            spec["strategy"]?["rollingUpdate"] = nil
        }
        spec.setDefault("revisionHistoryLimit", 10)
        spec.setDefault("progressDeadlineSeconds", 600)
        PodTemplate.applyDefaults(to: &spec)
        object.spec = spec
    }

    func causes(in object: KubernetesObject) -> [APIStatus.Cause] {
        let spec = object.spec
        var causes = PodTemplate.causes(in: object, kind: "deployment")
        for field in ["replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"] {
            causes += APIStatus.Cause.negative("spec.\(field)", spec[field])
        }
        if let deadline = spec["progressDeadlineSeconds"]?.integerValue,
            deadline <= spec.integer("minReadySeconds")
        {
            causes.append(
                .invalid(
                    "spec.progressDeadlineSeconds",
                    .integer(deadline),
                    "must be greater than minReadySeconds"
                )
            )
        }
        let rolling = spec["strategy"]?["rollingUpdate"]
        switch spec["strategy"]?["type"] {
        case "RollingUpdate":
            for field in ["maxUnavailable", "maxSurge"] {
                causes += Self.amountCauses("spec.strategy.rollingUpdate.\(field)", rolling?[field])
            }
            if rolling?["maxUnavailable"]?.scaled(100, roundingUp: false) == 0,
                rolling?["maxSurge"]?.scaled(100, roundingUp: true) == 0
            {
                causes.append(
                    .invalid(
                        "spec.strategy.rollingUpdate.maxUnavailable",
                        rolling?["maxUnavailable"],
                        "may not be 0 when `maxSurge` is 0"
                    )
                )
            }
        case "Recreate":
            if rolling != nil {
                causes.append(
                    .forbidden(
                        "spec.strategy.rollingUpdate",
                        "may not be specified when strategy `type` is 'Recreate'"
                    )
                )
            }
        case let other:
            causes.append(.unsupported("spec.strategy.type", other, ["Recreate", "RollingUpdate"]))
        }
        return causes
    }

    /// What is wrong with a number or a percentage of pods.
    static func amountCauses(_ field: String, _ value: JSONValue?) -> [APIStatus.Cause] {
        guard let value else { return [] }
        guard let amount = value.scaled(100, roundingUp: true) else {
            return [
                .invalid(
                    field,
                    value,
                    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', "
                        + "regex used for validation is '[0-9]+%')"
                )
            ]
        }
        return amount < 0 ? [.invalid(field, value, "must be greater than or equal to 0")] : []
    }

    func causes(in object: KubernetesObject, changedFrom present: KubernetesObject) -> [APIStatus.Cause] {
        APIStatus.Cause.immutable("spec.selector", object.spec["selector"], present.spec["selector"])
    }
}

/// Replica sets (apps/v1 SetDefaults_ReplicaSet, apps/validation).
struct ReplicaSetStrategy: ResourceStrategy {
    func prepareForCreate(_ object: inout KubernetesObject, _ state: ClusterState, now: Timestamp) {
        applyDefaults(to: &object)
        object.status = ["replicas": 0]
    }

    func prepareForUpdate(_ object: inout KubernetesObject, _ present: KubernetesObject, _ part: ObjectPart) {
        if part != .status { applyDefaults(to: &object) }
    }

    private func applyDefaults(to object: inout KubernetesObject) {
        var spec = object.spec
        spec.setDefault("replicas", 1)
        PodTemplate.applyDefaults(to: &spec)
        object.spec = spec
    }

    func causes(in object: KubernetesObject) -> [APIStatus.Cause] {
        PodTemplate.causes(in: object, kind: "replicaset")
            + APIStatus.Cause.negative("spec.replicas", object.spec["replicas"])
            + APIStatus.Cause.negative("spec.minReadySeconds", object.spec["minReadySeconds"])
    }

    func causes(in object: KubernetesObject, changedFrom present: KubernetesObject) -> [APIStatus.Cause] {
        APIStatus.Cause.immutable("spec.selector", object.spec["selector"], present.spec["selector"])
    }
}
