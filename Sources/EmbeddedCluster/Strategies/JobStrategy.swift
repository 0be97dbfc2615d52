import JSON
import KubernetesModel

/// Jobs (batch/v1 SetDefaults_Job, registry/batch/job, batch/validation).
struct JobStrategy: ResourceStrategy {
    static let uidLabel = "batch.kubernetes.io/controller-uid"
    static let nameLabel = "batch.kubernetes.io/job-name"

    func prepareForCreate(_ object: inout KubernetesObject, _ state: ClusterState, now: Timestamp) {
        applyDefaults(to: &object)
        generateSelector(&object)
        object.status = [:]
    }

    func prepareForUpdate(_ object: inout KubernetesObject, _ present: KubernetesObject, _ part: ObjectPart) {
        guard part != .status else { return }
        applyDefaults(to: &object)
        // A client that replaces the job as it first made it leaves out what was generated.
        object.json[at: "spec", "selector"] = object.spec["selector"] ?? present.spec["selector"]
        for label in [Self.uidLabel, Self.nameLabel, "controller-uid", "job-name"]
        where object.spec["template"]?["metadata"]?["labels"]?[label] == nil {
            guard let value = present.spec["template"]?["metadata"]?["labels"]?[label] else { continue }
            object.json[at: "spec", "template", "metadata", "labels", label] = value
        }
    }

    private func applyDefaults(to object: inout KubernetesObject) {
        var spec = object.spec
        if (spec["completions"] ?? .null).isNull, (spec["parallelism"] ?? .null).isNull {
            spec["completions"] = 1
        }
        spec.setDefault("parallelism", 1)
        spec.setDefault("completionMode", "NonIndexed")
        let limit: JSONValue = spec["backoffLimitPerIndex"] == nil ? 6 : .integer(Int64(Int32.max))
        let replacement: JSONValue = spec["podFailurePolicy"] == nil ? "TerminatingOrFailed" : "Failed"
        spec.setDefault("backoffLimit", limit)
        spec.setDefault("suspend", false)
        spec.setDefault("manualSelector", false)
        spec.setDefault("podReplacementPolicy", replacement)
        PodTemplate.applyDefaults(to: &spec)
        object.spec = spec
    }

    private func generateSelector(_ object: inout KubernetesObject) {
        guard object.spec["manualSelector"] != true else { return }
        let (uid, name) = (object.uid, String(object.name.prefix(63)))
        for (label, value) in [
            (Self.uidLabel, uid), ("controller-uid", uid), (Self.nameLabel, name), ("job-name", name),
        ] {
            object.json[at: "spec", "template", "metadata", "labels", label] = .string(value)
        }
        if object.spec["selector"] == nil {
            object.json[at: "spec", "selector"] = ["matchLabels": [Self.uidLabel: .string(uid)]]
        }
        // Objects without labels of their own show those of their pods.
        if object.labels.isEmpty {
            for (key, value) in KubernetesObject(object.spec["template"] ?? .null).labels {
                object.setLabel(key, value)
            }
        }
    }

    func causes(in object: KubernetesObject) -> [APIStatus.Cause] {
        let spec = object.spec
        var causes = PodTemplate.causes(in: object, kind: "job", restartPolicies: ["OnFailure", "Never"])
        for field in [
            "completions", "parallelism", "backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished",
            "backoffLimitPerIndex", "maxFailedIndexes",
        ] {
            causes += APIStatus.Cause.negative("spec.\(field)", spec[field])
        }
        switch spec["completionMode"] {
        case "NonIndexed": break
        case "Indexed":
            if spec["completions"] == nil {
                causes.append(
                    .required("spec.completions", "when completion mode is Indexed")
                )
            }
        case let other:
            causes.append(.unsupported("spec.completionMode", other, ["Indexed", "NonIndexed"]))
        }
        return causes
    }

    func causes(in object: KubernetesObject, changedFrom present: KubernetesObject) -> [APIStatus.Cause] {
        var causes: [APIStatus.Cause] = []
        var fields = ["selector", "completionMode", "backoffLimitPerIndex", "manualSelector"]
        // An indexed job may grow and shrink with its parallelism.
        let isElastic =
            object.spec["completionMode"] == "Indexed"
            && object.spec["completions"] == object.spec["parallelism"]
        if !isElastic { fields.append("completions") }
        // What a suspended job's pods are to be may be changed until it starts.
        let mayChangeTemplate = present.spec["suspend"] == true && present.status["startTime"] == nil
        if !mayChangeTemplate { fields.append("template") }
        for field in fields {
            causes += APIStatus.Cause.immutable("spec.\(field)", object.spec[field], present.spec[field])
        }
        return causes
    }
}
