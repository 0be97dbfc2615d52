import JSON
import KubernetesModel

/// Config maps can be made immutable.
struct ConfigMapStrategy: ResourceStrategy {
    func causes(in object: KubernetesObject, changedFrom present: KubernetesObject) -> [APIStatus.Cause] {
        guard present.json["immutable"] == true else { return [] }
        return ["immutable", "data", "binaryData"].flatMap { field in
            object.json[field] == present.json[field]
                ? []
                : [APIStatus.Cause.forbidden(field, "field is immutable when `immutable` is set")]
        }
    }
}

/// Endpoint slices keep the type of their addresses (discovery/v1).
struct EndpointSliceStrategy: ResourceStrategy {
    func prepareForCreate(_ object: inout KubernetesObject, _ state: ClusterState, now: Timestamp) {
        applyDefaults(to: &object)
    }

    func prepareForUpdate(_ object: inout KubernetesObject, _ present: KubernetesObject, _ part: ObjectPart) {
        applyDefaults(to: &object)
    }

    private func applyDefaults(to object: inout KubernetesObject) {
        guard let ports = object.json["ports"]?.arrayValue else { return }
        object.json["ports"] = .array(
            ports.map { port in
                var port = port
                port.setDefault("name", "")
                port.setDefault("protocol", "TCP")
                return port
            }
        )
    }

    func causes(in object: KubernetesObject) -> [APIStatus.Cause] {
        let types = ["FQDN", "IPv4", "IPv6"]
        guard let type = object.json["addressType"] else { return [.required("addressType")] }
        return types.contains(type.stringValue ?? "") ? [] : [.unsupported("addressType", type, types)]
    }

    func causes(in object: KubernetesObject, changedFrom present: KubernetesObject) -> [APIStatus.Cause] {
        APIStatus.Cause.immutable("addressType", object.json["addressType"], present.json["addressType"])
    }
}

/// Revisions of stateful sets and daemon sets keep their data (apps/validation).
struct ControllerRevisionStrategy: ResourceStrategy {
    func causes(in object: KubernetesObject) -> [APIStatus.Cause] {
        APIStatus.Cause.negative("revision", object.json["revision"])
    }

    func causes(in object: KubernetesObject, changedFrom present: KubernetesObject) -> [APIStatus.Cause] {
        APIStatus.Cause.immutable("data", object.json["data"], present.json["data"])
    }
}

/// Leases last for a positive time (coordination/validation).
struct LeaseStrategy: ResourceStrategy {
    func causes(in object: KubernetesObject) -> [APIStatus.Cause] {
        var causes: [APIStatus.Cause] = []
        if let duration = object.spec["leaseDurationSeconds"]?.integerValue, duration <= 0 {
            causes.append(
                .invalid("spec.leaseDurationSeconds", .integer(duration), "must be greater than 0")
            )
        }
        return causes + APIStatus.Cause.negative("spec.leaseTransitions", object.spec["leaseTransitions"])
    }
}

/// Pod disruption budgets name either a minimum or a maximum (policy/validation).
struct PodDisruptionBudgetStrategy: ResourceStrategy {
    func prepareForCreate(_ object: inout KubernetesObject, _ state: ClusterState, now: Timestamp) {
        object.status = [
            "disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0,
        ]
    }

    func causes(in object: KubernetesObject) -> [APIStatus.Cause] {
        let spec = object.spec
        if spec["minAvailable"] != nil, spec["maxUnavailable"] != nil {
            return [.invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set")]
        }
        return ["minAvailable", "maxUnavailable"].flatMap { field in
            DeploymentStrategy.amountCauses("spec.\(field)", spec[field])
        }
    }
}

/// Priority classes keep their value (scheduling/v1).
struct PriorityClassStrategy: ResourceStrategy {
    func prepareForCreate(_ object: inout KubernetesObject, _ state: ClusterState, now: Timestamp) {
        object.json.setDefault("preemptionPolicy", "PreemptLowerPriority")
        object.json.setDefault("value", 0)
    }

    func prepareForUpdate(_ object: inout KubernetesObject, _ present: KubernetesObject, _ part: ObjectPart) {
        object.json.setDefault("preemptionPolicy", present.json["preemptionPolicy"] ?? .null)
    }

    func causes(in object: KubernetesObject) -> [APIStatus.Cause] {
        guard let value = object.json["value"]?.integerValue, value > 1_000_000_000,
            !object.name.hasPrefix("system-")
        else { return [] }
        return [
            .forbidden(
                "value",
                "maximum allowed value of a user defined priority is 1000000000"
            )
        ]
    }

    func causes(in object: KubernetesObject, changedFrom present: KubernetesObject) -> [APIStatus.Cause] {
        ["value", "preemptionPolicy"].flatMap { field in
            APIStatus.Cause.immutable(field, object.json[field], present.json[field])
        }
    }
}

/// Bindings keep the role that they bind (rbac/v1).
struct RoleBindingStrategy: ResourceStrategy {
    private static let group: JSONValue = "rbac.authorization.k8s.io"

    func prepareForCreate(_ object: inout KubernetesObject, _ state: ClusterState, now: Timestamp) {
        applyDefaults(to: &object)
    }

    func prepareForUpdate(_ object: inout KubernetesObject, _ present: KubernetesObject, _ part: ObjectPart) {
        applyDefaults(to: &object)
    }

    private func applyDefaults(to object: inout KubernetesObject) {
        if object.json["roleRef"]?.objectValue != nil {
            object.json["roleRef"]?.setDefault("apiGroup", Self.group)
        }
        guard let subjects = object.json["subjects"]?.arrayValue else { return }
        object.json["subjects"] = .array(
            subjects.map { subject in
                var subject = subject
                if subject["kind"] == "User" || subject["kind"] == "Group" {
                    subject.setDefault("apiGroup", Self.group)
                }
                return subject
            }
        )
    }

    func causes(in object: KubernetesObject) -> [APIStatus.Cause] {
        var causes: [APIStatus.Cause] = []
        let role = object.json["roleRef"]
        if role?["kind"] != "Role", role?["kind"] != "ClusterRole" {
            causes.append(.unsupported("roleRef.kind", role?["kind"] ?? "", ["ClusterRole", "Role"]))
        }
        if (role?["name"]?.stringValue ?? "").isEmpty { causes.append(.required("roleRef.name")) }
        return causes
    }

    func causes(in object: KubernetesObject, changedFrom present: KubernetesObject) -> [APIStatus.Cause] {
        object.json["roleRef"] == present.json["roleRef"]
            ? [] : [.invalid("roleRef", object.json["roleRef"], "cannot change roleRef")]
    }
}
