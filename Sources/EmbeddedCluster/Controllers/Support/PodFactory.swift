import JSON
import KubernetesModel

/// Makes and deletes the pods of a controller and reports it with events.
struct PodFactory: Sendable {
    let api: ClusterAPI
    let events: EventRecorder
    /// Whose pods they are.
    let owner: KubernetesObject

    /// The most pods that one round makes or deletes.
    static let burst = 500

    /// The pod that a template makes, without a name of its own.
    static func pod(from template: JSONValue, owner: KubernetesObject) -> KubernetesObject {
        var pod = KubernetesObject(["apiVersion": "v1", "kind": "Pod", "metadata": [:]])
        for key in ["labels", "annotations", "finalizers"] {
            if let value = template["metadata"]?[key], !value.isNull {
                pod.json[at: "metadata", key] = value
            }
        }
        pod.json[at: "metadata", "generateName"] = .string(owner.name + "-")
        pod.namespace = owner.namespace
        pod.ownerReferences = [OwnerReference(controller: owner)]
        pod.spec = template["spec"] ?? [:]
        return pod
    }

    /// Creates a pod and reports it; a failure is reported too, unless the namespace is ending or the owner goes.
    ///
    /// - Throws: 409 when the owner has gone or is being deleted; what the API answers.
    @discardableResult
    func create(_ pod: KubernetesObject) async throws(APIStatus) -> KubernetesObject {
        do throws(APIStatus) {
            let created = try await api.create(.pods, pod, for: owner, as: events.component)
            await events.record(
                .normal,
                "SuccessfulCreate",
                "Created pod: \(created.name)",
                about: owner
            )
            return created
        } catch {
            if error.reason != .conflict,
                !error.causes.contains(where: { $0.reason == "NamespaceTerminating" })
            {
                await events.record(
                    .warning,
                    "FailedCreate",
                    "Error creating: \(error.message)",
                    about: owner
                )
            }
            throw error
        }
    }

    /// Deletes a pod and reports it.
    func delete(_ pod: KubernetesObject) async throws(APIStatus) {
        do throws(APIStatus) {
            try await api.delete(.pods, ObjectKey(pod), DeleteOptions(uid: pod.uid))
        } catch {
            await events.record(
                .warning,
                "FailedDelete",
                "Error deleting: \(error.message)",
                about: owner
            )
            throw error
        }
        await events.record(.normal, "SuccessfulDelete", "Deleted pod: \(pod.name)", about: owner)
    }
}
