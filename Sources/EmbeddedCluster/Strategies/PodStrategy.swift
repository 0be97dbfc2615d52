import JSON
import KubernetesModel

/// Pods start as Pending, stay until their node has ended them, and change little once they are made.
struct PodStrategy: ResourceStrategy {
    func prepareForCreate(_ object: inout KubernetesObject, _ state: ClusterState, now: Timestamp) {
        PodDefaults.apply(to: &object.json, at: "spec")
        if object.spec["serviceAccountName"] == nil {
            object.json[at: "spec", "serviceAccountName"] = "default"
        }
        object.json[at: "spec", "serviceAccount"] = object.spec["serviceAccountName"]
        if object.spec["enableServiceLinks"] == nil { object.json[at: "spec", "enableServiceLinks"] = true }
        if object.spec["priority"] == nil { object.json[at: "spec", "priority"] = 0 }
        if object.spec["preemptionPolicy"] == nil {
            object.json[at: "spec", "preemptionPolicy"] = "PreemptLowerPriority"
        }
        tolerateLostNodes(&object)
        object.json["status"] = [
            "phase": "Pending", "qosClass": .string(QualityOfService.of(object.spec).rawValue),
        ]
    }

    /// As the admission plugin DefaultTolerationSeconds: a pod stays five minutes on a node that is lost.
    private func tolerateLostNodes(_ object: inout KubernetesObject) {
        var tolerations = object.spec["tolerations"]?.arrayValue ?? []
        for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
            let isTolerated = tolerations.contains { toleration in
                let matches = toleration["key"]?.stringValue
                let effect = toleration["effect"]?.stringValue
                return (matches == key || matches == nil) && (effect == "NoExecute" || effect == nil)
            }
            if !isTolerated {
                tolerations.append([
                    "key": .string(key), "operator": "Exists", "effect": "NoExecute",
                    "tolerationSeconds": 300,
                ])
            }
        }
        object.json[at: "spec", "tolerations"] = .array(tolerations)
    }

    func prepareForUpdate(_ object: inout KubernetesObject, _ present: KubernetesObject, _ part: ObjectPart) {
        if part == .main { PodDefaults.apply(to: &object.json, at: "spec") }
    }

    func causes(in object: KubernetesObject) -> [APIStatus.Cause] {
        SimulatedFailure.unknown(in: object).map { name in
            .init(
                reason: "FieldValueNotSupported",
                message: "Unsupported value: \"\(name)\": supported values: "
                    + SimulatedFailure.namesForPods.map { "\"\($0)\"" }.joined(separator: ", "),
                field: "metadata.annotations[\(NodeLabels.simulate)]"
            )
        }
    }

    func causes(in object: KubernetesObject, changedFrom present: KubernetesObject) -> [APIStatus.Cause] {
        // A pod is bound once, by a binding; that is no change in this sense.
        let node = present.spec["nodeName"]?.stringValue ?? ""
        let isMoved = !node.isEmpty && object.spec["nodeName"] != present.spec["nodeName"]
        guard isMoved || Self.immutablePart(of: object.spec) != Self.immutablePart(of: present.spec) else {
            return []
        }
        return [
            .init(
                reason: "FieldValueForbidden",
                message: "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
                    + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions "
                    + "to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it "
                    + "was previously negative)",
                field: "spec"
            )
        ]
    }

    private static func immutablePart(of spec: JSONValue) -> JSONValue {
        var spec = spec
        for key in [
            "activeDeadlineSeconds", "tolerations", "nodeName", "schedulingGates",
        ] {
            spec[key] = nil
        }
        for list in ["containers", "initContainers"] {
            guard let containers = spec[list]?.arrayValue else { continue }
            spec[list] = .array(
                containers.map { container in
                    var container = container
                    container["image"] = nil
                    return container
                }
            )
        }
        return spec
    }

    func gracePeriod(of object: KubernetesObject, _ options: DeleteOptions) -> Int64 {
        let phase = object.status["phase"]?.stringValue
        guard object.spec["nodeName"]?.stringValue?.isEmpty == false, phase != "Failed", phase != "Succeeded"
        else {
            return 0
        }
        return max(
            0,
            options.gracePeriodSeconds ?? object.spec["terminationGracePeriodSeconds"]?.integerValue ?? 30
        )
    }

    func mustStay(_ object: KubernetesObject, grace: Int64) -> Bool { grace > 0 }
}

/// The class of a pod by what its containers request (core/v1 PodQOSClass).
enum QualityOfService: String {
    case guaranteed = "Guaranteed"
    case burstable = "Burstable"
    case bestEffort = "BestEffort"

    static func of(_ spec: JSONValue) -> QualityOfService {
        let containers = (spec["containers"]?.arrayValue ?? []) + (spec["initContainers"]?.arrayValue ?? [])
        var hasAny = false
        var isGuaranteed = !containers.isEmpty
        for container in containers {
            for resource in ["cpu", "memory"] {
                let limit = quantity(container["resources"]?["limits"]?[resource])
                let request = quantity(container["resources"]?["requests"]?[resource]) ?? limit
                if limit != nil || request != nil { hasAny = true }
                if limit == nil || request != limit { isGuaranteed = false }
            }
        }
        return !hasAny ? .bestEffort : isGuaranteed ? .guaranteed : .burstable
    }

    private static func quantity(_ value: JSONValue?) -> Quantity? {
        switch value {
        case .string(let text): Quantity(text)
        case .integer(let number): Quantity(number)
        default: nil
        }
    }
}
