internal import HTTPTypes
public import JSON
public import KubernetesModel

extension KubernetesClient {
    /// Creates an object, or what a subresource makes (`eviction`, `binding`, `token`).
    ///
    /// - Parameters:
    ///   - object: the object; without a name but with `generateName` the server chooses one.
    ///   - owner: the name of the object that the subresource belongs to.
    /// - Returns: the object as the server keeps it.
    /// - Throws: `KubernetesError`; `isAlreadyExists` when there is one with that name.
    public func create(
        _ resource: GroupVersionResource,
        _ object: JSONValue,
        namespace: String? = nil,
        subresource: String? = nil,
        of owner: String? = nil,
        options: WriteOptions = WriteOptions()
    ) async throws(KubernetesError) -> JSONValue {
        let path = try ResourcePath.path(
            resource,
            namespace: namespace,
            name: owner,
            subresource: subresource
        )
        var call = APICall(.post, path, json: object)
        call.add(options)
        return try await json(call)
    }

    /// Replaces an object, or a part of it. With a resource version in the object, only that version is replaced.
    ///
    /// - Throws: `KubernetesError`; `isConflict` when the object has changed meanwhile.
    public func update(
        _ resource: GroupVersionResource,
        _ object: JSONValue,
        namespace: String? = nil,
        subresource: String? = nil,
        options: WriteOptions = WriteOptions()
    ) async throws(KubernetesError) -> JSONValue {
        let name = KubernetesObject(object).name
        let path = try ResourcePath.path(resource, namespace: namespace, name: name, subresource: subresource)
        var call = APICall(.put, path, json: object)
        call.add(options)
        return try await json(call)
    }

    /// Changes an object, or a part of it.
    ///
    /// - Throws: `KubernetesError`; `isConflict` when a field that is applied belongs to another manager: the causes name it.
    public func patch(
        _ resource: GroupVersionResource,
        _ name: String,
        _ patch: Patch,
        namespace: String? = nil,
        subresource: String? = nil,
        options: WriteOptions = WriteOptions()
    ) async throws(KubernetesError) -> JSONValue {
        let path = try ResourcePath.path(resource, namespace: namespace, name: name, subresource: subresource)
        var call = APICall(.patch, path, json: patch.document, type: patch.mediaType)
        call.add(options)
        if case .apply(_, let force) = patch {
            guard options.fieldManager != nil else {
                throw .status(
                    .badRequest("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value")
                )
            }
            if force { call.add("force", "true") }
        }
        return try await json(call)
    }

    /// Applies an object (server-side apply): makes it, or gives it the fields that are in it and takes away those that were
    /// applied before and no longer are.
    ///
    /// - Parameters:
    ///   - object: the object, with `apiVersion`, `kind` and name.
    ///   - manager: who applies it.
    ///   - force: whether fields of other managers are taken over.
    public func apply(
        _ resource: GroupVersionResource,
        _ object: JSONValue,
        namespace: String? = nil,
        subresource: String? = nil,
        manager: String,
        force: Bool = false,
        isDryRun: Bool = false
    ) async throws(KubernetesError) -> JSONValue {
        try await patch(
            resource,
            KubernetesObject(object).name,
            .apply(object, force: force),
            namespace: namespace,
            subresource: subresource,
            options: WriteOptions(fieldManager: manager, isDryRun: isDryRun)
        )
    }

    /// Sets the number of replicas through the `scale` subresource.
    ///
    /// - Returns: the `Scale` object.
    public func scale(
        _ resource: GroupVersionResource,
        _ name: String,
        namespace: String?,
        replicas: Int,
        options: WriteOptions = WriteOptions()
    ) async throws(KubernetesError) -> JSONValue {
        try await patch(
            resource,
            name,
            .merge(["spec": ["replicas": .integer(Int64(replicas))]]),
            namespace: namespace,
            subresource: "scale",
            options: options
        )
    }

    /// Deletes an object, or begins to: with finalizers or processes to end it stays a while.
    ///
    /// - Returns: the object where it stays for now, else a `Status`.
    /// - Throws: `KubernetesError`; `isNotFound` when there is none, `isConflict` when it is not the one of the options.
    @discardableResult
    public func delete(
        _ resource: GroupVersionResource,
        _ name: String,
        namespace: String? = nil,
        options: DeleteOptions = DeleteOptions()
    ) async throws(KubernetesError) -> JSONValue {
        let path = try ResourcePath.path(resource, namespace: namespace, name: name)
        return try await json(APICall(.delete, path, json: options.json))
    }

    /// Deletes the selected objects of a resource in one namespace, or of a resource without namespaces.
    @discardableResult
    public func deleteCollection(
        _ resource: GroupVersionResource,
        namespace: String? = nil,
        _ selection: ObjectSelection,
        options: DeleteOptions = DeleteOptions()
    ) async throws(KubernetesError) -> JSONValue {
        var call = APICall(.delete, try ResourcePath.path(resource, namespace: namespace), json: options.json)
        call.add(selection)
        return try await json(call)
    }
}
