import JSON
import KubernetesModel

/// Binds claims to volumes: to one that is there and fits, or to one made by the claim's storage class, whatever its provisioner.
struct VolumeClaimController: Controller {
    let name = "persistentvolume-controller"

    private static let selectedNode = "volume.kubernetes.io/selected-node"

    var triggers: [Trigger] {
        let allUnbound = { @Sendable (state: ClusterState) in
            state.objects(.persistentVolumeClaims).filter { $0.status["phase"] != "Bound" }.map(
                ObjectKey.init
            )
        }
        return [
            .itself(.persistentVolumeClaims),
            Trigger(.pods) { change, _ in
                // Pods that come to a node let their claims be bound, and those that end let them go.
                guard let pod = change.object else { return [] }
                return Self.claims(of: pod).map { ObjectKey(namespace: pod.namespace, name: $0) }
            },
            Trigger(.persistentVolumes) { change, state in
                guard let claim = change.object?.spec["claimRef"] else { return allUnbound(state) }
                return [
                    ObjectKey(
                        namespace: claim["namespace"]?.stringValue ?? "",
                        name: claim["name"]?.stringValue ?? ""
                    )
                ]
            },
            Trigger(.storageClasses) { _, state in allUnbound(state) },
        ]
    }

    private static func claims(of pod: KubernetesObject) -> [String] {
        (pod.spec["volumes"]?.arrayValue ?? []).compactMap {
            $0["persistentVolumeClaim"]?["claimName"]?.stringValue
        }
    }

    private func users(_ claim: KubernetesObject, _ api: ClusterAPI) -> [KubernetesObject] {
        api.list(.pods, in: claim.namespace).filter {
            !PodState.isTerminated($0) && Self.claims(of: $0).contains(claim.name)
        }
    }

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        guard let claim = api.get(.persistentVolumeClaims, key) else { return nil }
        if claim.isBeingDeleted {
            if users(claim, api).isEmpty { try await release(claim, api) }
            return nil
        }
        if let volume = claim.spec["volumeName"]?.stringValue, !volume.isEmpty {
            try await bind(claim, toVolumeNamed: volume, api)
            return nil
        }
        if let volume = fittingVolume(claim, api) {
            try await bind(claim, to: volume, api)
            return nil
        }
        let events = EventRecorder(api: api, component: name)
        let className = claim.spec["storageClassName"]?.stringValue ?? ""
        guard !className.isEmpty else {
            await events.record(
                .normal,
                "FailedBinding",
                "no persistent volumes available for this claim and no storage class is set",
                about: claim
            )
            return nil
        }
        guard let storageClass = api.get(.storageClasses, ObjectKey(name: className)) else {
            await events.record(
                .warning,
                "ProvisioningFailed",
                "storageclass.storage.k8s.io \"\(className)\" not found",
                about: claim
            )
            return nil
        }
        let waits = storageClass.json["volumeBindingMode"] == "WaitForFirstConsumer"
        let isWanted =
            claim.annotation(Self.selectedNode) != nil
            || users(claim, api).contains { !PodState.node($0).isEmpty }
        if waits, !isWanted {
            await events.record(
                .normal,
                "WaitForFirstConsumer",
                "waiting for first consumer to be created before binding",
                about: claim
            )
            return nil
        }
        let volume = try await provision(claim, storageClass, api)
        await events.record(
            .normal,
            "ProvisioningSucceeded",
            "Successfully provisioned volume \(volume.name)",
            about: claim
        )
        try await bind(claim, to: volume, api)
        return nil
    }

    private func release(_ claim: KubernetesObject, _ api: ClusterAPI) async throws(APIStatus) {
        try await Ownership.ignoringAbsence { () throws(APIStatus) in
            try await api.update(.persistentVolumeClaims, ObjectKey(claim), as: name) { claim in
                claim.finalizers = claim.finalizers.filter { $0 != PersistentVolumeClaimStrategy.protection }
            }
        }
    }

    // MARK: Binding

    private static func size(_ value: JSONValue?) -> Quantity {
        switch value {
        case .string(let text): Quantity(text) ?? .zero
        case .integer(let number): Quantity(number)
        default: .zero
        }
    }

    /// The smallest volume that nobody has and that offers what is claimed.
    private func fittingVolume(_ claim: KubernetesObject, _ api: ClusterAPI) -> KubernetesObject? {
        let wanted = Self.size(claim.spec["resources"]?["requests"]?["storage"])
        let modes = Set(claim.spec["accessModes"]?.arrayValue ?? [])
        let selector = claim.spec["selector"].flatMap { try? LabelSelector(object: $0) } ?? .everything
        let size = { (volume: KubernetesObject) in Self.size(volume.spec["capacity"]?["storage"]) }
        return api.list(.persistentVolumes, matching: selector).filter { volume in
            let holder = volume.spec["claimRef"]
            let isFree =
                holder == nil
                || (holder?["namespace"]?.stringValue == claim.namespace
                    && holder?["name"]?.stringValue == claim.name
                    && (holder?["uid"] == nil || holder?["uid"]?.stringValue == claim.uid))
            return isFree && !volume.isBeingDeleted && size(volume) >= wanted
                && volume.spec["storageClassName"]?.stringValue ?? ""
                    == claim.spec["storageClassName"]?.stringValue ?? ""
                && volume.spec["volumeMode"] == claim.spec["volumeMode"]
                && modes.isSubset(of: volume.spec["accessModes"]?.arrayValue ?? [])
        }.min { size($0) < size($1) }
    }

    private func provision(
        _ claim: KubernetesObject,
        _ storageClass: KubernetesObject,
        _ api: ClusterAPI
    ) async throws(APIStatus) -> KubernetesObject {
        let volumeName = "pvc-\(claim.uid)"
        if let present = api.get(.persistentVolumes, ObjectKey(name: volumeName)) { return present }
        let provisioner = storageClass.json["provisioner"] ?? ""
        let volume = KubernetesObject([
            "metadata": [
                "name": .string(volumeName),
                "annotations": ["pv.kubernetes.io/provisioned-by": provisioner],
            ],
            "spec": [
                "capacity": ["storage": claim.spec["resources"]?["requests"]?["storage"] ?? "0"],
                "accessModes": claim.spec["accessModes"] ?? [], "claimRef": Self.reference(claim),
                "persistentVolumeReclaimPolicy": storageClass.json["reclaimPolicy"] ?? "Delete",
                "storageClassName": .string(storageClass.name),
                "volumeMode": claim.spec["volumeMode"] ?? "Filesystem",
                "csi": ["driver": provisioner, "volumeHandle": .string(volumeName)],
            ],
        ])
        return try await api.create(.persistentVolumes, volume, as: name)
    }

    private static func reference(_ claim: KubernetesObject) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": .string(claim.namespace),
            "name": .string(claim.name), "uid": .string(claim.uid),
        ]
    }

    private func bind(
        _ claim: KubernetesObject,
        toVolumeNamed volumeName: String,
        _ api: ClusterAPI
    ) async throws(APIStatus) {
        if let volume = api.get(.persistentVolumes, ObjectKey(name: volumeName)) {
            let holder = volume.spec["claimRef"]?["uid"]?.stringValue
            if holder == nil || holder == claim.uid { try await bind(claim, to: volume, api) }
            return
        }
        guard claim.status["phase"] == "Bound" else { return }
        try await api.updateStatus(.persistentVolumeClaims, ObjectKey(claim), as: name) { claim in
            claim.json[at: "status", "phase"] = "Lost"
        }
        await EventRecorder(api: api, component: name).record(
            .warning,
            "ClaimLost",
            "Bound claim has lost its PersistentVolume. Data on the volume is lost!",
            about: claim
        )
    }

    private func bind(
        _ claim: KubernetesObject,
        to volume: KubernetesObject,
        _ api: ClusterAPI
    ) async throws(APIStatus) {
        let (key, reference) = (ObjectKey(claim), Self.reference(claim))
        try await api.update(.persistentVolumes, ObjectKey(volume), as: name) { volume in
            volume.json[at: "spec", "claimRef"] = reference
        }
        try await api.updateStatus(.persistentVolumes, ObjectKey(volume), as: name) { volume in
            volume.json[at: "status", "phase"] = "Bound"
        }
        try await api.update(.persistentVolumeClaims, key, as: name) { claim in
            claim.json[at: "spec", "volumeName"] = .string(volume.name)
            claim.setAnnotation("pv.kubernetes.io/bind-completed", "yes")
            claim.setAnnotation("pv.kubernetes.io/bound-by-controller", "yes")
        }
        try await api.updateStatus(.persistentVolumeClaims, key, as: name) { claim in
            claim.json[at: "status", "phase"] = "Bound"
            claim.json[at: "status", "accessModes"] = volume.spec["accessModes"]
            claim.json[at: "status", "capacity"] = volume.spec["capacity"]
        }
    }
}
