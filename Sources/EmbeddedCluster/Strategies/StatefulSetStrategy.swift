import JSON
import KubernetesModel

/// Stateful sets (apps/v1 SetDefaults_StatefulSet, apps/validation).
struct StatefulSetStrategy: ResourceStrategy {
    func prepareForCreate(_ object: inout KubernetesObject, _ state: ClusterState, now: Timestamp) {
        applyDefaults(to: &object)
        object.status = ["replicas": 0, "availableReplicas": 0]
    }

    func prepareForUpdate(_ object: inout KubernetesObject, _ present: KubernetesObject, _ part: ObjectPart) {
        if part != .status { applyDefaults(to: &object) }
    }

    private func applyDefaults(to object: inout KubernetesObject) {
        var spec = object.spec
        spec.setDefault("replicas", 1)
        spec.setDefault("podManagementPolicy", "OrderedReady")
        spec.setDefault("updateStrategy", [:])
        spec["updateStrategy"]?.setDefault("type", "RollingUpdate")
        if spec["updateStrategy"]?["type"] == "RollingUpdate" {
            spec["updateStrategy"]?.setDefault("rollingUpdate", [:])
            spec["updateStrategy"]?["rollingUpdate"]?.setDefault("partition", 0)
        }
        spec.setDefault("revisionHistoryLimit", 10)
        spec.setDefault("persistentVolumeClaimRetentionPolicy", [:])
        spec["persistentVolumeClaimRetentionPolicy"]?.setDefault("whenDeleted", "Retain")
        spec["persistentVolumeClaimRetentionPolicy"]?.setDefault("whenScaled", "Retain")
        if let claims = spec["volumeClaimTemplates"]?.arrayValue {
            spec["volumeClaimTemplates"] = .array(
                claims.map { claim in
                    var claim = claim
                    claim.setDefault("apiVersion", "v1")
                    claim.setDefault("kind", "PersistentVolumeClaim")
                    claim.setDefault("spec", [:])
                    claim["spec"]?.setDefault("volumeMode", "Filesystem")
                    claim.setDefault("status", [:])
                    claim["status"]?.setDefault("phase", "Pending")
                    return claim
                }
            )
        }
        PodTemplate.applyDefaults(to: &spec)
        object.spec = spec
    }

    func causes(in object: KubernetesObject) -> [APIStatus.Cause] {
        let spec = object.spec
        var causes = PodTemplate.causes(in: object, kind: "statefulset")
        for field in ["replicas", "minReadySeconds", "revisionHistoryLimit"] {
            causes += APIStatus.Cause.negative("spec.\(field)", spec[field])
        }
        let policies = ["OrderedReady", "Parallel"]
        if !policies.contains(spec["podManagementPolicy"]?.stringValue ?? "") {
            causes.append(
                .invalid(
                    "spec.podManagementPolicy",
                    spec["podManagementPolicy"],
                    "must be '\(policies[0])' or '\(policies[1])'"
                )
            )
        }
        let strategy = spec["updateStrategy"]?["type"]
        if strategy != "RollingUpdate", strategy != "OnDelete" {
            causes.append(
                .invalid(
                    "spec.updateStrategy",
                    spec["updateStrategy"],
                    "must be 'RollingUpdate' or 'OnDelete'"
                )
            )
        }
        causes += APIStatus.Cause.negative(
            "spec.updateStrategy.rollingUpdate.partition",
            spec["updateStrategy"]?["rollingUpdate"]?["partition"]
        )
        return causes
    }

    private static let mutable = [
        "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy", "minReadySeconds",
    ]

    func causes(in object: KubernetesObject, changedFrom present: KubernetesObject) -> [APIStatus.Cause] {
        var (after, before) = (object.spec, present.spec)
        for field in Self.mutable { (after[field], before[field]) = (nil, nil) }
        guard TemplateDigest.normalized(after) != TemplateDigest.normalized(before) else { return [] }
        return [
            .forbidden(
                "spec",
                "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
                    + "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
            )
        ]
    }
}

/// Daemon sets (apps/v1 SetDefaults_DaemonSet, apps/validation).
struct DaemonSetStrategy: ResourceStrategy {
    /// Counts the templates of a daemon set; kept for clients of the API's first versions.
    static let templateGeneration = "deprecated.daemonset.template.generation"

    func prepareForCreate(_ object: inout KubernetesObject, _ state: ClusterState, now: Timestamp) {
        applyDefaults(to: &object)
        object.setAnnotation(Self.templateGeneration, "1")
        object.status = [
            "currentNumberScheduled": 0, "numberMisscheduled": 0, "desiredNumberScheduled": 0,
            "numberReady": 0,
        ]
    }

    func prepareForUpdate(_ object: inout KubernetesObject, _ present: KubernetesObject, _ part: ObjectPart) {
        guard part != .status else { return }
        applyDefaults(to: &object)
        let before = present.annotation(Self.templateGeneration).flatMap(Int64.init) ?? 1
        let isSame = object.spec["template"] == present.spec["template"]
        object.setAnnotation(Self.templateGeneration, String(isSame ? before : before + 1))
    }

    private func applyDefaults(to object: inout KubernetesObject) {
        var spec = object.spec
        spec.setDefault("updateStrategy", [:])
        spec["updateStrategy"]?.setDefault("type", "RollingUpdate")
        if spec["updateStrategy"]?["type"] == "RollingUpdate" {
            spec["updateStrategy"]?.setDefault("rollingUpdate", [:])
            spec["updateStrategy"]?["rollingUpdate"]?.setDefault("maxUnavailable", 1)
            spec["updateStrategy"]?["rollingUpdate"]?.setDefault("maxSurge", 0)
        }
        spec.setDefault("revisionHistoryLimit", 10)
        PodTemplate.applyDefaults(to: &spec)
        object.spec = spec
    }

    func causes(in object: KubernetesObject) -> [APIStatus.Cause] {
        let spec = object.spec
        var causes = PodTemplate.causes(in: object, kind: "daemonset")
        causes += APIStatus.Cause.negative("spec.minReadySeconds", spec["minReadySeconds"])
        causes += APIStatus.Cause.negative("spec.revisionHistoryLimit", spec["revisionHistoryLimit"])
        let strategy = spec["updateStrategy"]
        switch strategy?["type"] {
        case "RollingUpdate":
            let rolling = strategy?["rollingUpdate"]
            for field in ["maxUnavailable", "maxSurge"] {
                causes += DeploymentStrategy.amountCauses(
                    "spec.updateStrategy.rollingUpdate.\(field)",
                    rolling?[field]
                )
            }
            if rolling?["maxUnavailable"]?.scaled(100, roundingUp: true) == 0,
                rolling?["maxSurge"]?.scaled(100, roundingUp: true) == 0
            {
                causes.append(
                    .required(
                        "spec.updateStrategy.rollingUpdate.maxUnavailable",
                        "cannot be 0 when maxSurge is 0"
                    )
                )
            }
        case "OnDelete": break
        case let other:
            causes.append(.unsupported("spec.updateStrategy.type", other, ["OnDelete", "RollingUpdate"]))
        }
        return causes
    }

    func causes(in object: KubernetesObject, changedFrom present: KubernetesObject) -> [APIStatus.Cause] {
        APIStatus.Cause.immutable("spec.selector", object.spec["selector"], present.spec["selector"])
    }
}
