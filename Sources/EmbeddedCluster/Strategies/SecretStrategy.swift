import JSON
import KubernetesModel

/// Secrets take plain text in `stringData` and keep it, encoded, in `data`.
struct SecretStrategy: ResourceStrategy {
    func prepareForCreate(_ object: inout KubernetesObject, _ state: ClusterState, now: Timestamp) {
        takeStringData(&object)
        if object.json["type"] == nil { object.json["type"] = "Opaque" }
    }

    func prepareForUpdate(_ object: inout KubernetesObject, _ present: KubernetesObject, _ part: ObjectPart) {
        takeStringData(&object)
        if object.json["type"] == nil { object.json["type"] = present.json["type"] }
    }

    private func takeStringData(_ object: inout KubernetesObject) {
        for member in object.json["stringData"]?.objectValue ?? JSONMembers() {
            guard let text = member.value.stringValue else { continue }
            object.json[at: "data", member.key] = .string(Base64.text(of: Array(text.utf8)))
        }
        object.json["stringData"] = nil
    }

    func causes(in object: KubernetesObject) -> [APIStatus.Cause] {
        (object.json["data"]?.objectValue ?? JSONMembers()).compactMap { member in
            guard member.value.stringValue.flatMap(Base64.bytes(of:)) == nil else { return nil }
            return .init(
                reason: "FieldValueInvalid",
                message: "Invalid value: must be base64",
                field: "data[\(member.key)]"
            )
        }
    }

    func causes(in object: KubernetesObject, changedFrom present: KubernetesObject) -> [APIStatus.Cause] {
        var causes: [APIStatus.Cause] = []
        if object.json["type"] != present.json["type"] {
            causes.append(
                .init(
                    reason: "FieldValueInvalid",
                    message: "Invalid value: \(object.json["type"] ?? .null): field is immutable",
                    field: "type"
                )
            )
        }
        if present.json["immutable"]?.boolValue == true, object.json["data"] != present.json["data"] {
            causes.append(
                .init(
                    reason: "FieldValueForbidden",
                    message: "Forbidden: field is immutable when `immutable` is set",
                    field: "data"
                )
            )
        }
        return causes
    }
}
