import JSON
import KubernetesModel

/// Finds what an owner controls, takes what nobody controls but its selector selects, and lets go what it no longer selects.
struct Ownership: Sendable {
    let api: ClusterAPI
    let owner: KubernetesObject
    let selector: LabelSelector
    /// Whose changes they are, for `metadata.managedFields`.
    let manager: String

    /// The objects of a resource that the owner controls afterwards.
    ///
    /// - Throws: 409 when the owner is deleted before it can adopt one.
    func claim(
        _ resource: GroupResource,
        where canAdopt: (KubernetesObject) -> Bool = { _ in true }
    ) async throws(APIStatus) -> [KubernetesObject] {
        var claimed: [KubernetesObject] = []
        for object in api.list(resource, in: owner.namespace) {
            if let controller = object.controller {
                guard controller.uid == owner.uid else { continue }
                if object.matches(selector) {
                    claimed.append(object)
                } else if !owner.isBeingDeleted {
                    try await release(resource, object)
                }
            } else if !owner.isBeingDeleted, !object.isBeingDeleted, object.matches(selector),
                canAdopt(object), let adopted = try await adopt(resource, object)
            {
                claimed.append(adopted)
            }
        }
        return claimed
    }

    private func adopt(
        _ resource: GroupResource,
        _ object: KubernetesObject
    ) async throws(APIStatus) -> KubernetesObject? {
        let reference = OwnerReference(controller: owner)
        let uid = object.uid
        return try await Self.ignoringAbsence { () throws(APIStatus) in
            try await api.update(resource, ObjectKey(object), for: owner, as: manager) { object in
                guard object.uid == uid, object.controller == nil else { return }
                object.ownerReferences =
                    object.ownerReferences.filter { $0.uid != reference.uid } + [
                        reference
                    ]
            }
        }
    }

    private func release(_ resource: GroupResource, _ object: KubernetesObject) async throws(APIStatus) {
        let uid = owner.uid
        try await Self.ignoringAbsence { () throws(APIStatus) in
            try await api.update(resource, ObjectKey(object), as: manager) { object in
                object.ownerReferences = object.ownerReferences.filter { $0.uid != uid }
            }
        }
    }

    /// What `body` returns, or nil when the object that it changes has gone meanwhile.
    @discardableResult
    static func ignoringAbsence<Value>(
        _ body: () async throws(APIStatus) -> Value
    ) async throws(APIStatus) -> Value? {
        do throws(APIStatus) {
            return try await body()
        } catch  where error.reason == .notFound {
            return nil
        }
    }
}

extension Trigger {
    /// The controller of a changed object, and for one without a controller those objects of `resource` in its namespace whose
    /// `spec.selector` selects it.
    static func controllerOrSelector(
        of dependent: GroupResource,
        _ resource: GroupResource,
        kind: String
    ) -> Trigger {
        let controller = Trigger.controller(of: dependent, kind: kind)
        return Trigger(dependent) { change, state in
            var keys = controller.keys(change, state)
            if let object = change.current, object.controller == nil {
                keys += state.objects(resource, in: object.namespace).filter { owner in
                    guard let selector = owner.spec["selector"].flatMap({ try? LabelSelector(object: $0) })
                    else { return false }
                    return !selector.requirements.isEmpty && object.matches(selector)
                }.map(ObjectKey.init)
            }
            return keys
        }
    }
}
