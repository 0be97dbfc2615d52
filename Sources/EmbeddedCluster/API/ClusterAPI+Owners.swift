import KubernetesModel

/// Writes that a controller makes on behalf of an owner.
///
/// The owner may be deleted while its controller is at work. What was made for it then would be left over, and what was adopted for it,
/// such as the pods that it was to leave to others, would be deleted as its own. Therefore the owner is looked at once more, with no
/// other write between (upstream: `RecheckDeletionTimestamp` in pkg/controller/controller_ref_manager.go).
extension ClusterAPI {
    /// Makes an object for an owner.
    ///
    /// - Throws: 409 when the owner has gone meanwhile or is being deleted; what `create` throws.
    @discardableResult
    func create(
        _ resource: GroupResource,
        _ object: KubernetesObject,
        for owner: KubernetesObject,
        as manager: String
    ) async throws(APIStatus) -> KubernetesObject {
        try await write(resource, for: owner, as: manager) {
            (transaction, definition, options) throws(APIStatus) in
            try transaction.create(definition, object, options)
        }
    }

    /// Changes an object for an owner, its status excepted, and returns it as stored.
    ///
    /// - Throws: 409 when the owner has gone meanwhile or is being deleted; 404 when there is no such object.
    func update(
        _ resource: GroupResource,
        _ key: ObjectKey,
        for owner: KubernetesObject,
        as manager: String,
        _ change: @escaping @Sendable (inout KubernetesObject) -> Void
    ) async throws(APIStatus) -> KubernetesObject {
        try await write(resource, for: owner, as: manager) {
            (transaction, definition, options) throws(APIStatus) in
            guard let present = transaction.state.object(resource, key) else {
                throw APIStatus.notFound(resource, key.name)
            }
            var object = present
            change(&object)
            return try transaction.replace(definition, present, with: object, .main, options)
        }
    }

    private func write(
        _ resource: GroupResource,
        for owner: KubernetesObject,
        as manager: String,
        _ body:
            @escaping @Sendable (inout Transaction, ResourceDefinition, WriteOptions) throws(APIStatus) ->
            KubernetesObject
    ) async throws(APIStatus) -> KubernetesObject {
        let definition = try definition(of: resource)
        let place = try self.resource(of: owner)
        let options = WriteOptions(manager: manager, now: now())
        return try await store.write { (transaction) throws(APIStatus) in
            try transaction.checkThatStays(owner, place)
            return try body(&transaction, definition, options)
        }
    }

    private func resource(of object: KubernetesObject) throws(APIStatus) -> GroupResource {
        let group = GroupVersion(apiVersion: object.apiVersion)?.group
        guard let found = catalog.definitions.first(where: { $0.group == group && $0.kind == object.kind })
        else { throw APIStatus.noSuchPath }
        return found.groupResource
    }
}

extension Transaction {
    fileprivate func checkThatStays(_ owner: KubernetesObject, _ resource: GroupResource) throws(APIStatus) {
        let present = state.object(resource, ObjectKey(owner))
        guard let present, present.uid == owner.uid, !present.isBeingDeleted else {
            throw APIStatus.conflict(resource, owner.name, "the object is being deleted or has gone")
        }
    }
}
