import JSON
import KubernetesModel

/// The revisions of a stateful set or a daemon set: a `ControllerRevision` for each template that it has had, from which
/// `kubectl rollout` reads and restores.
struct RevisionHistory: Sendable {
    let api: ClusterAPI
    let owner: KubernetesObject
    /// Whose changes they are.
    let manager: String
    /// The label with which revisions carry their digest.
    let hashLabel: String

    /// The owner's revisions, the oldest first.
    var revisions: [KubernetesObject] {
        api.list(.controllerRevisions, in: owner.namespace).filter { $0.controller?.uid == owner.uid }
            .sorted { $0.json.integer("revision") < $1.json.integer("revision") }
    }

    /// What a revision keeps: a strategic merge patch that puts the template in place of any other.
    static func data(of owner: KubernetesObject) -> JSONValue {
        var template = owner.spec["template"] ?? [:]
        template["$patch"] = "replace"
        return ["spec": ["template": template]]
    }

    /// The template that a revision keeps.
    static func template(in revision: KubernetesObject) -> JSONValue {
        var template = revision.json["data"]?["spec"]?["template"] ?? [:]
        template["$patch"] = nil
        return template
    }

    /// The revision of the owner's present template: one that there is, made the newest, or a new one.
    ///
    /// - Parameter collisions: How often a digest was found taken by another template.
    func update(collisions: Int64?) async throws(APIStatus) -> KubernetesObject {
        let all = revisions
        let data = Self.data(of: owner)
        let wanted = TemplateDigest.normalized(data)
        let number = (all.last?.json.integer("revision") ?? 0) + 1
        if let match = all.last(where: { TemplateDigest.normalized($0.json["data"] ?? .null) == wanted }) {
            if match.uid == all.last?.uid { return match }
            return try await api.update(.controllerRevisions, ObjectKey(match), as: manager) {
                $0.json["revision"] = .integer(number)
            }
        }
        let hash = TemplateDigest.text(of: owner.spec["template"] ?? .null, collisions: collisions)
        var revision = KubernetesObject([
            "metadata": [
                "name": .string("\(owner.name)-\(hash)"), "namespace": .string(owner.namespace),
                "labels": owner.spec["template"]?["metadata"]?["labels"] ?? [:],
            ],
            "data": data, "revision": .integer(number),
        ])
        if let annotations = owner.json["metadata"]?["annotations"] {
            revision.json[at: "metadata", "annotations"] = annotations
        }
        revision.setLabel(hashLabel, hash)
        revision.ownerReferences = [OwnerReference(controller: owner)]
        return try await api.create(.controllerRevisions, revision, as: manager)
    }

    /// Deletes the oldest revisions beyond the owner's limit, those in use excepted.
    func truncate(inUse: Set<String>) async throws(APIStatus) {
        let limit = Int(clamping: owner.spec.integer("revisionHistoryLimit", default: 10))
        let unused = revisions.filter { !inUse.contains($0.name) }
        for revision in unused.prefix(max(0, unused.count - limit)) {
            try await api.delete(.controllerRevisions, ObjectKey(revision))
        }
    }
}
