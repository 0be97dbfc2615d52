import JSON
import KubernetesModel

/// How the pods of a stateful set are named and made.
struct StatefulSetPods: Sendable {
    let owner: KubernetesObject

    static let nameLabel = "statefulset.kubernetes.io/pod-name"
    static let indexLabel = "apps.kubernetes.io/pod-index"
    static let revisionLabel = "controller-revision-hash"

    /// The first ordinal.
    var start: Int64 { owner.spec["ordinals"]?.integer("start") ?? 0 }
    var replicas: Int64 { owner.spec.integer("replicas", default: 1) }

    func name(_ ordinal: Int64) -> String { "\(owner.name)-\(ordinal)" }

    /// The ordinal of a pod with that name; nil when the name is none of this set's.
    func ordinal(of name: String) -> Int64? {
        guard name.hasPrefix(owner.name + "-") else { return nil }
        let digits = name.dropFirst(owner.name.count + 1)
        guard let ordinal = Int64(digits), ordinal >= 0, String(ordinal) == digits else { return nil }
        return ordinal
    }

    private var claimTemplates: [KubernetesObject] {
        (owner.spec["volumeClaimTemplates"]?.arrayValue ?? []).map(KubernetesObject.init)
    }

    private func claimName(_ template: KubernetesObject, _ ordinal: Int64) -> String {
        "\(template.name)-\(name(ordinal))"
    }

    /// The claims of one pod.
    func claims(_ ordinal: Int64) -> [KubernetesObject] {
        claimTemplates.map { template in
            var claim = template
            claim.json["status"] = nil
            claim.name = claimName(template, ordinal)
            claim.namespace = owner.namespace
            for member in owner.spec["selector"]?["matchLabels"]?.objectValue ?? JSONMembers() {
                claim.setLabel(member.key, member.value.stringValue)
            }
            if owner.spec["persistentVolumeClaimRetentionPolicy"]?["whenDeleted"] == "Delete" {
                claim.ownerReferences = [OwnerReference(controller: owner)]
            }
            return claim
        }
    }

    /// The pod with an ordinal, of a revision.
    func pod(_ ordinal: Int64, _ revision: KubernetesObject) -> KubernetesObject {
        var pod = PodFactory.pod(from: RevisionHistory.template(in: revision), owner: owner)
        pod.json[at: "metadata", "generateName"] = .string(owner.name + "-")
        pod.name = name(ordinal)
        pod.setLabel(Self.nameLabel, pod.name)
        pod.setLabel(Self.indexLabel, String(ordinal))
        pod.setLabel(Self.revisionLabel, revision.name)
        pod.json[at: "spec", "hostname"] = .string(pod.name)
        if let service = owner.spec["serviceName"]?.stringValue, !service.isEmpty {
            pod.json[at: "spec", "subdomain"] = .string(service)
        }
        let claimed = Set(claimTemplates.map(\.name))
        let others = (pod.spec["volumes"]?.arrayValue ?? []).filter {
            !claimed.contains($0["name"]?.stringValue ?? "")
        }
        let volumes = claimTemplates.map { template -> JSONValue in
            [
                "name": .string(template.name),
                "persistentVolumeClaim": ["claimName": .string(claimName(template, ordinal))],
            ]
        }
        if !(volumes + others).isEmpty { pod.json[at: "spec", "volumes"] = .array(volumes + others) }
        return pod
    }
}
