import JSON
import KubernetesModel

/// The objects that a custom resource owns, brought to what its operator wishes for.
struct Dependents: Sendable {
    let api: ClusterAPI
    let owner: KubernetesObject
    let manager: String

    /// Tells whether what was wished for has changed since it was written.
    private static let digest = "ingot.dev/applied-digest"

    /// Makes an object or brings it up to date, and returns it as stored. Fields that are not wished for, such as those that the
    /// API server fills in, stay as long as the wish does.
    ///
    /// - Parameter adjust: Completes what is written from what is there, with no other write between; nil stands for nothing there.
    /// - Throws: 409 when there is an object of that name which belongs to somebody else; what the API answers.
    @discardableResult
    func apply(
        _ resource: GroupResource,
        _ json: JSONValue,
        adjust: @escaping @Sendable (_ object: inout KubernetesObject, _ present: KubernetesObject?) -> Void =
            {
                _,
                _ in
            }
    ) async throws(APIStatus) -> KubernetesObject {
        var wanted = KubernetesObject(json)
        wanted.namespace = owner.namespace
        wanted.ownerReferences = [OwnerReference(controller: owner)]
        wanted.setAnnotation(Self.digest, TemplateDigest.text(of: json))
        let key = ObjectKey(wanted)
        guard let present = api.get(resource, key) else {
            adjust(&wanted, nil)
            return try await api.create(resource, wanted, as: manager)
        }
        guard present.controller?.uid == owner.uid else {
            throw APIStatus.conflict(
                resource,
                wanted.name,
                "the object is not controlled by \(owner.kind) \(owner.name)"
            )
        }
        guard !present.isBeingDeleted else { return present }
        let complete = wanted
        return try await api.update(resource, key, as: manager) { object in
            let before = object
            let isSame = object.annotation(Self.digest) == complete.annotation(Self.digest)
            for (label, value) in complete.labels { object.setLabel(label, value) }
            for (annotation, value) in complete.annotations { object.setAnnotation(annotation, value) }
            for member in complete.json.objectValue ?? JSONMembers()
            where !["apiVersion", "kind", "metadata", "status"].contains(member.key) {
                let old = object.json[member.key] ?? .null
                object.json[member.key] =
                    isSame || resource == .services ? old.overlaid(with: member.value) : member.value
            }
            adjust(&object, before)
        }
    }

    /// Makes an object unless there is one of its name, and returns the one that is there.
    ///
    /// - Throws: What the API answers.
    @discardableResult
    func create(_ resource: GroupResource, _ json: JSONValue) async throws(APIStatus) -> KubernetesObject {
        var wanted = KubernetesObject(json)
        wanted.namespace = owner.namespace
        wanted.ownerReferences = [OwnerReference(controller: owner)]
        if let present = api.get(resource, ObjectKey(wanted)) { return present }
        return try await api.create(resource, wanted, as: manager)
    }

    /// The objects of a resource that the owner controls.
    func list(_ resource: GroupResource) -> [KubernetesObject] {
        api.list(resource, in: owner.namespace).filter { $0.controller?.uid == owner.uid }
    }

    /// Deletes those that are no longer wished for.
    func remove(_ resource: GroupResource, besides names: Set<String>) async throws(APIStatus) {
        for object in list(resource) where !names.contains(object.name) && !object.isBeingDeleted {
            try await api.delete(
                resource,
                ObjectKey(object),
                DeleteOptions(propagation: .background, uid: object.uid)
            )
        }
    }

    /// Writes the owner's status.
    func report(
        _ resource: GroupResource,
        _ change: @escaping @Sendable (inout KubernetesObject) -> Void
    ) async throws(APIStatus) {
        try await api.updateStatus(resource, ObjectKey(owner), as: manager) { object in change(&object) }
    }
}

extension JSONValue {
    /// The value with those members on top. Lists of equal length are laid over element by element, others are replaced.
    func overlaid(with other: JSONValue) -> JSONValue {
        if let members = other.objectValue, objectValue != nil {
            var result = self
            for member in members {
                result[member.key] = (self[member.key] ?? .null).overlaid(with: member.value)
            }
            return result
        }
        if let own = arrayValue, let elements = other.arrayValue, own.count == elements.count {
            return .array(zip(own, elements).map { $0.overlaid(with: $1) })
        }
        return other
    }
}
