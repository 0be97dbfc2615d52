import JSON
import KubernetesModel
import KubernetesSchema

/// Custom resource definitions are established as soon as they are accepted.
struct CustomResourceDefinitionStrategy: ResourceStrategy {
    func prepareForCreate(_ object: inout KubernetesObject, _ state: ClusterState, now: Timestamp) {
        fillNames(&object)
        let taken = state.objects(.customResourceDefinitions).contains { other in
            other.spec["group"] == object.spec["group"]
                && other.spec["names"]?["kind"] == object.spec["names"]?["kind"]
        }
        object.json["status"] = [
            "conditions": [
                condition("NamesAccepted", !taken, taken ? "KindConflict" : "NoConflicts", now),
                condition("Established", !taken, taken ? "NotAccepted" : "InitialNamesAccepted", now),
            ],
            "acceptedNames": taken ? [:] : object.spec["names"] ?? [:],
            "storedVersions": .array(
                (object.spec["versions"]?.arrayValue ?? [])
                    .filter { $0["storage"]?.boolValue == true }.compactMap { $0["name"] }
            ),
        ]
    }

    func prepareForUpdate(_ object: inout KubernetesObject, _ present: KubernetesObject, _ part: ObjectPart) {
        guard part == .main else { return }
        fillNames(&object)
        if present.condition("Established")?["status"]?.stringValue == "True" {
            object.json[at: "status", "acceptedNames"] = object.spec["names"]
        }
    }

    /// A definition stays until its objects are gone: the first deletion only marks it.
    func mustStay(_ object: KubernetesObject, grace: Int64) -> Bool { !object.isBeingDeleted }

    func markDeletion(_ object: inout KubernetesObject) {
        if !object.finalizers.contains(Self.cleanupFinalizer) {
            object.finalizers = object.finalizers + [Self.cleanupFinalizer]
        }
    }

    /// Keeps a definition until its objects are gone.
    static let cleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io"

    private func fillNames(_ object: inout KubernetesObject) {
        guard let kind = object.spec["names"]?["kind"]?.stringValue else { return }
        if object.spec["names"]?["singular"] == nil {
            object.json[at: "spec", "names", "singular"] = .string(kind.lowercased())
        }
        if object.spec["names"]?["listKind"] == nil {
            object.json[at: "spec", "names", "listKind"] = .string(kind + "List")
        }
        if object.spec["conversion"] == nil { object.json[at: "spec", "conversion"] = ["strategy": "None"] }
    }

    private func condition(_ type: String, _ isTrue: Bool, _ reason: String, _ now: Timestamp) -> JSONValue {
        [
            "type": .string(type), "status": isTrue ? "True" : "False",
            "lastTransitionTime": .string(now.kubernetesTime), "reason": .string(reason),
            "message": isTrue
                ? "the definition has been accepted" : "the kind is taken by another definition",
        ]
    }

    func causes(in object: KubernetesObject) -> [APIStatus.Cause] {
        var causes: [APIStatus.Cause] = []
        func require(_ field: String, _ value: JSONValue?) {
            if value == nil {
                causes.append(.init(reason: "FieldValueRequired", message: "Required value", field: field))
            }
        }
        require("spec.group", object.spec["group"])
        require("spec.scope", object.spec["scope"])
        require("spec.names.plural", object.spec["names"]?["plural"])
        require("spec.names.kind", object.spec["names"]?["kind"])
        let plural = object.spec["names"]?["plural"]?.stringValue ?? ""
        let group = object.spec["group"]?.stringValue ?? ""
        if causes.isEmpty, object.name != "\(plural).\(group)" {
            causes.append(
                .init(
                    reason: "FieldValueInvalid",
                    message: "Invalid value: \"\(object.name)\": must be spec.names.plural+\".\"+spec.group",
                    field: "metadata.name"
                )
            )
        }
        let stored = (object.spec["versions"]?.arrayValue ?? []).filter { $0["storage"]?.boolValue == true }
        if stored.count != 1 {
            causes.append(
                .init(
                    reason: "FieldValueInvalid",
                    message: "Invalid value: must have exactly one version marked as storage version",
                    field: "spec.versions"
                )
            )
        }
        if object.spec["preserveUnknownFields"]?.boolValue != true {
            causes += CustomResourceSchema.causes(in: object.json)
        }
        return causes
    }
}
