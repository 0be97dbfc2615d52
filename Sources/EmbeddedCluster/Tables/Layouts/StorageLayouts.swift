import JSON
import KubernetesModel

/// Volumes, claims and their classes as rows.
enum StorageLayouts {
    private static let capacity = TableColumn("Capacity", "How much it holds.")
    private static let accessModes = TableColumn(
        "Access Modes",
        "From how many nodes it can be used, and how."
    )
    private static let storageClass = TableColumn("StorageClass", "The class that it is of.")
    private static let attributesClass = TableColumn("VolumeAttributesClass", "The class of its attributes.")
    private static let volumeMode = TableColumn.wide(
        "VolumeMode",
        "Whether it is a file system or a block device."
    )

    static let claims = TableLayout([
        .objectName,
        TableColumn("Status", "Whether it is bound."),
        TableColumn("Volume", "The volume that it is bound to."),
        capacity, accessModes, storageClass, attributesClass, .age, volumeMode,
    ]) { claim, now in
        let isBound = claim.spec["volumeName"]?.stringValue?.isEmpty == false
        return [
            claim.nameCell, .string(phase(claim)), .cell(claim.spec["volumeName"], or: ""),
            .cell(isBound ? claim.status["capacity"]?["storage"] : nil, or: ""),
            .string(isBound ? modes(claim.status["accessModes"]) : ""),
            .cell(claim.spec["storageClassName"], or: ""),
            .cell(claim.spec["volumeAttributesClassName"], or: "<unset>"), claim.ageCell(now),
            .cell(claim.spec["volumeMode"], or: "<unset>"),
        ]
    }

    static let volumes = TableLayout([
        .objectName, capacity, accessModes,
        TableColumn("Reclaim Policy", "What becomes of it when its claim goes."),
        TableColumn("Status", "Whether it is bound."),
        TableColumn("Claim", "The claim that it is bound to."),
        storageClass, attributesClass,
        TableColumn("Reason", "Why it is in that state."),
        .age, volumeMode,
    ]) { volume, now in
        [
            volume.nameCell, .cell(volume.spec["capacity"]?["storage"], or: ""),
            .string(modes(volume.spec["accessModes"])),
            .cell(volume.spec["persistentVolumeReclaimPolicy"], or: ""), .string(phase(volume)),
            .string(claimName(volume.spec["claimRef"])), .cell(volume.spec["storageClassName"], or: ""),
            .cell(volume.spec["volumeAttributesClassName"], or: "<unset>"),
            .cell(volume.status["reason"], or: ""), volume.ageCell(now),
            .cell(volume.spec["volumeMode"], or: "<unset>"),
        ]
    }

    private static func phase(_ object: KubernetesObject) -> String {
        object.isBeingDeleted ? "Terminating" : object.status["phase"]?.stringValue ?? ""
    }

    private static func claimName(_ reference: JSONValue?) -> String {
        guard let name = reference?["name"]?.stringValue else { return "" }
        return "\(reference?["namespace"]?.stringValue ?? "")/\(name)"
    }

    private static func modes(_ modes: JSONValue?) -> String {
        let given = Set((modes?.arrayValue ?? []).compactMap(\.stringValue))
        let short = [
            ("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"),
            ("ReadWriteOncePod", "RWOP"),
        ]
        return short.filter { given.contains($0.0) }.map(\.1).joined(separator: ",")
    }

    static let classes = TableLayout([
        .objectName,
        TableColumn("Provisioner", "Who makes its volumes."),
        TableColumn("ReclaimPolicy", "What becomes of a volume when its claim goes."),
        TableColumn("VolumeBindingMode", "When a claim is bound."),
        TableColumn("AllowVolumeExpansion", "Whether its volumes can grow."),
        .age,
    ]) { object, now in
        let isDefault = object.annotation("storageclass.kubernetes.io/is-default-class") == "true"
        return [
            .string(isDefault ? object.name + " (default)" : object.name),
            .cell(object.json["provisioner"], or: ""), .cell(object.json["reclaimPolicy"], or: "Delete"),
            .cell(object.json["volumeBindingMode"], or: "Immediate"),
            .bool(object.json["allowVolumeExpansion"]?.boolValue ?? false), object.ageCell(now),
        ]
    }
}
