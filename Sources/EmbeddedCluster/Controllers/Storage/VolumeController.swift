import JSON
import KubernetesModel

/// Says whether volumes are free, and reclaims those whose claim is gone.
struct VolumeController: Controller {
    let name = "persistentvolume-controller"

    var triggers: [Trigger] {
        [
            .itself(.persistentVolumes),
            Trigger(.persistentVolumeClaims) { change, _ in
                guard change.current == nil,
                    let volume = change.previous?.spec["volumeName"]?.stringValue, !volume.isEmpty
                else { return [] }
                return [ObjectKey(name: volume)]
            },
        ]
    }

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        guard let volume = api.get(.persistentVolumes, key) else { return nil }
        let phase = phase(volume, api)
        if volume.status["phase"]?.stringValue != phase {
            try await api.updateStatus(.persistentVolumes, key, as: name) { volume in
                volume.json[at: "status", "phase"] = .string(phase)
            }
        }
        if volume.isBeingDeleted {
            guard phase != "Bound" else { return nil }
            try await Ownership.ignoringAbsence { () throws(APIStatus) in
                try await api.update(.persistentVolumes, key, as: name) { volume in
                    volume.finalizers = volume.finalizers.filter { $0 != PersistentVolumeStrategy.protection }
                }
            }
        } else if phase == "Released", volume.spec["persistentVolumeReclaimPolicy"] == "Delete" {
            try await api.delete(.persistentVolumes, key, DeleteOptions(uid: volume.uid))
        }
        return nil
    }

    private func phase(_ volume: KubernetesObject, _ api: ClusterAPI) -> String {
        guard let reference = volume.spec["claimRef"], let uid = reference["uid"]?.stringValue else {
            return "Available"
        }
        let claim = api.get(
            .persistentVolumeClaims,
            ObjectKey(
                namespace: reference["namespace"]?.stringValue ?? "",
                name: reference["name"]?.stringValue ?? ""
            )
        )
        return claim?.uid == uid ? "Bound" : "Released"
    }
}
