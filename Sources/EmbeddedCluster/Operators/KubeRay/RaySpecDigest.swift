import JSON
import KubernetesModel

/// Compares specifications of Ray clusters without what autoscalers change in them (generateHashWithoutReplicasAndWorkersToDelete).
enum RaySpecDigest {
    static func text(of specification: JSONValue) -> String {
        var specification = specification
        let groups = (specification["workerGroupSpecs"]?.arrayValue ?? []).map { group in
            var group = group
            for member in ["replicas", "minReplicas", "maxReplicas"] { group[member] = nil }
            if group["scaleStrategy"] != nil { group[at: "scaleStrategy", "workersToDelete"] = nil }
            return group
        }
        if !groups.isEmpty { specification["workerGroupSpecs"] = .array(groups) }
        return TemplateDigest.text(of: specification)
    }
}
