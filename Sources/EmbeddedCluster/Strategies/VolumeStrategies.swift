import JSON
import KubernetesModel

/// Claims for volumes (core/v1 SetDefaults_PersistentVolumeClaim, the admission plugins DefaultStorageClass and
/// StorageObjectInUseProtection, core/validation).
struct PersistentVolumeClaimStrategy: ResourceStrategy {
    static let protection = "kubernetes.io/pvc-protection"
    /// Marks the storage class of claims that name none.
    static let defaultClass = "storageclass.kubernetes.io/is-default-class"

    func prepareForCreate(_ object: inout KubernetesObject, _ state: ClusterState, now: Timestamp) {
        if object.spec.objectValue != nil {
            applyDefaults(to: &object)
            if object.spec["storageClassName"] == nil,
                let name = state.objects(.storageClasses).filter({
                    $0.annotation(Self.defaultClass) == "true"
                })
                .max(by: DeploymentSets.isOlder)?.name
            {
                object.json[at: "spec", "storageClassName"] = .string(name)
            }
        }
        if !object.finalizers.contains(Self.protection) {
            object.finalizers = object.finalizers + [Self.protection]
        }
        object.status = ["phase": "Pending"]
    }

    func prepareForUpdate(_ object: inout KubernetesObject, _ present: KubernetesObject, _ part: ObjectPart) {
        guard part == .main else { return }
        applyDefaults(to: &object)
        for field in ["storageClassName", "volumeName"] where object.spec[field] == nil {
            object.json[at: "spec", field] = present.spec[field]
        }
    }

    private func applyDefaults(to object: inout KubernetesObject) {
        var spec = object.spec
        spec.setDefault("volumeMode", "Filesystem")
        object.spec = spec
    }

    func causes(in object: KubernetesObject) -> [APIStatus.Cause] {
        var causes: [APIStatus.Cause] = []
        let modes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]
        let wanted = object.spec["accessModes"]?.arrayValue ?? []
        if wanted.isEmpty {
            causes.append(.required("spec.accessModes", "at least 1 access mode is required"))
        }
        for mode in wanted where !modes.contains(mode.stringValue ?? "") {
            causes.append(.unsupported("spec.accessModes", mode, modes))
        }
        let field = "spec.resources[storage]"
        switch object.spec["resources"]?["requests"]?["storage"] {
        case nil: causes.append(.required(field))
        case let size?:
            let quantity = size.stringValue.flatMap { Quantity($0) } ?? size.integerValue.map { Quantity($0) }
            if quantity.map({ $0 > .zero }) != true {
                causes.append(.invalid(field, size, "must be greater than zero"))
            }
        }
        return causes
    }

    func causes(in object: KubernetesObject, changedFrom present: KubernetesObject) -> [APIStatus.Cause] {
        var (after, before) = (object.spec, present.spec)
        if present.status["phase"] == "Bound" {
            (after["resources"], before["resources"]) = (nil, nil)
        }
        if before["volumeName"] == nil { after["volumeName"] = nil }
        guard TemplateDigest.normalized(after) != TemplateDigest.normalized(before) else { return [] }
        return [
            .forbidden(
                "spec",
                "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
            )
        ]
    }
}

/// Volumes (core/v1 SetDefaults_PersistentVolume, the admission plugin StorageObjectInUseProtection).
struct PersistentVolumeStrategy: ResourceStrategy {
    static let protection = "kubernetes.io/pv-protection"

    func prepareForCreate(_ object: inout KubernetesObject, _ state: ClusterState, now: Timestamp) {
        var spec = object.spec
        spec.setDefault("persistentVolumeReclaimPolicy", "Retain")
        spec.setDefault("volumeMode", "Filesystem")
        object.spec = spec
        if !object.finalizers.contains(Self.protection) {
            object.finalizers = object.finalizers + [Self.protection]
        }
        object.status = ["phase": "Pending"]
    }

    func causes(in object: KubernetesObject) -> [APIStatus.Cause] {
        var causes: [APIStatus.Cause] = []
        if object.spec["capacity"]?["storage"] == nil {
            causes.append(.required("spec.capacity"))
        }
        if (object.spec["accessModes"]?.arrayValue ?? []).isEmpty {
            causes.append(.required("spec.accessModes"))
        }
        return causes
    }
}

/// Storage classes (storage/v1 SetDefaults_StorageClass).
struct StorageClassStrategy: ResourceStrategy {
    func prepareForCreate(_ object: inout KubernetesObject, _ state: ClusterState, now: Timestamp) {
        object.json.setDefault("reclaimPolicy", "Delete")
        object.json.setDefault("volumeBindingMode", "Immediate")
    }

    func causes(in object: KubernetesObject) -> [APIStatus.Cause] {
        (object.json["provisioner"]?.stringValue ?? "").isEmpty ? [.required("provisioner")] : []
    }

    func causes(in object: KubernetesObject, changedFrom present: KubernetesObject) -> [APIStatus.Cause] {
        ["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"].flatMap { field in
            object.json[field] == present.json[field]
                ? [] : [APIStatus.Cause.forbidden(field, "updates to \(field) are forbidden.")]
        }
    }
}
