import JSON
import KubernetesModel

/// Deletes what all owners have left, and carries out deletions that wait for dependents or release them.
///
/// The rules are those of upstream's garbage collector: an object goes when it has owners and none of them exists any more; one
/// being deleted in the foreground waits for the dependents that block it; one being deleted with `orphan` lets its dependents go.
struct GarbageCollector: Controller {
    let name = "garbage-collector-controller"
    private let graph = DependencyGraph()

    var triggers: [Trigger] { [] }

    var keysOfAnyChange: (@Sendable (Change, ClusterState) -> [ObjectKey])? {
        let graph = graph
        return { change, _ in change.resource.resource == "events" ? [] : graph.note(change) }
    }

    /// How often an object that changes while it is judged is judged anew at once; then it is left alone for a while.
    private static let mostRounds = 10

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        guard let place = ResourceKey(queueKey: key) else { return nil }
        for _ in 1..<Self.mostRounds {
            do throws(APIStatus) {
                try await judge(place, api)
                return nil
            } catch  where error.reason == .conflict {
                // Not every change of an object leads back here, so it is not waited for.
            }
        }
        try await judge(place, api)
        return nil
    }

    /// Does for an object, as it is now, what is to be done.
    ///
    /// - Throws: a conflict when it has changed meanwhile, and may have an owner again.
    private func judge(_ place: ResourceKey, _ api: ClusterAPI) async throws(APIStatus) {
        guard let object = api.get(place.resource, place.key) else { return }
        if object.isBeingDeleted {
            if object.finalizers.contains(Transaction.orphanFinalizer) {
                try await orphanDependents(of: object, place, api)
            } else if object.finalizers.contains(Transaction.foregroundFinalizer) {
                try await deleteDependents(of: object, place, api)
            }
            return
        }
        try await collect(object, place, api)
    }

    // MARK: Objects whose owners are gone

    private enum Owner {
        case present
        case waitingForDependents
        case absent
        /// Its kind is not served, or it could not own the object: nothing is known.
        case unknown
    }

    private func owner(_ reference: OwnerReference, of object: KubernetesObject, _ api: ClusterAPI) -> Owner {
        guard let version = GroupVersion(apiVersion: reference.apiVersion),
            let definition = api.catalog.definitions.first(where: {
                $0.group == version.group && $0.kind == reference.kind
            })
        else { return graph.hasSeenGo(reference.uid) ? .absent : .unknown }
        if definition.isNamespaced, object.namespace.isEmpty { return .unknown }
        let key = ObjectKey(
            namespace: definition.isNamespaced ? object.namespace : "",
            name: reference.name
        )
        guard let owner = api.get(definition.groupResource, key), owner.uid == reference.uid else {
            return .absent
        }
        return Self.isDeletingDependents(owner) ? .waitingForDependents : .present
    }

    private static func isDeletingDependents(_ object: KubernetesObject) -> Bool {
        object.isBeingDeleted && object.finalizers.contains(Transaction.foregroundFinalizer)
    }

    private func collect(
        _ object: KubernetesObject,
        _ place: ResourceKey,
        _ api: ClusterAPI
    ) async throws(APIStatus) {
        let references = object.ownerReferences
        guard !references.isEmpty else { return }
        let owners = references.map { (reference: $0, state: owner($0, of: object, api)) }
        if owners.contains(where: { $0.state == .present || $0.state == .unknown }) {
            let left = Set(
                owners.filter { $0.state == .absent || $0.state == .waitingForDependents }
                    .map(\.reference.uid)
            )
            if !left.isEmpty { try await removeOwners(left, from: place, object.uid, api) }
            return
        }
        let isAwaited = owners.contains { $0.state == .waitingForDependents }
        if isAwaited, !knownDependents(of: object, api.state).isEmpty {
            try await unblockCycles(object, api)
            try await delete(object, place, .foreground, api)
            return
        }
        let propagation: DeleteOptions.Propagation =
            object.finalizers.contains(Transaction.orphanFinalizer)
            ? .orphan
            : object.finalizers.contains(Transaction.foregroundFinalizer) ? .foreground : .background
        try await delete(object, place, propagation, api)
    }

    /// Dependents that wait for their own dependents may, in a circle, wait for this object: it no longer blocks them.
    private func unblockCycles(_ object: KubernetesObject, _ api: ClusterAPI) async throws(APIStatus) {
        for dependent in knownDependents(of: object, api.state) {
            guard let present = api.get(dependent.resource, dependent.key),
                Self.isDeletingDependents(present)
            else { continue }
            let uid = object.uid
            try await Ownership.ignoringAbsence { () throws(APIStatus) in
                try await api.update(dependent.resource, dependent.key, as: name) { object in
                    object.ownerReferences = object.ownerReferences.map { reference in
                        var reference = reference
                        if reference.uid == uid { reference.blocksOwnerDeletion = false }
                        return reference
                    }
                }
            }
        }
    }

    private func delete(
        _ object: KubernetesObject,
        _ place: ResourceKey,
        _ propagation: DeleteOptions.Propagation,
        _ api: ClusterAPI
    ) async throws(APIStatus) {
        try await api.delete(
            place.resource,
            place.key,
            DeleteOptions(
                propagation: propagation,
                uid: object.uid,
                resourceVersion: object.resourceVersion
            )
        )
    }

    private func removeOwners(
        _ uids: Set<String>,
        from place: ResourceKey,
        _ uid: String,
        _ api: ClusterAPI
    ) async throws(APIStatus) {
        try await Ownership.ignoringAbsence { () throws(APIStatus) in
            try await api.update(place.resource, place.key, as: name) { object in
                guard object.uid == uid else { return }
                object.ownerReferences = object.ownerReferences.filter { !uids.contains($0.uid) }
            }
        }
    }

    // MARK: Owners that are being deleted

    /// What depends on an object as far as the watches have told.
    private func knownDependents(of object: KubernetesObject, _ state: ClusterState) -> [ResourceKey] {
        graph.dependents(of: object.uid).filter { place in
            state.object(place.resource, place.key)?.ownerReferences.contains { $0.uid == object.uid } == true
        }
    }

    /// What depends on an object now. The watches may lag behind, so when they know of none all objects are looked at.
    private func dependents(of object: KubernetesObject, _ state: ClusterState) -> [ResourceKey] {
        let known = knownDependents(of: object, state)
        return known.isEmpty ? allDependents(of: object, state) : known
    }

    private func allDependents(of object: KubernetesObject, _ state: ClusterState) -> [ResourceKey] {
        let namespace = object.namespace.isEmpty ? nil : object.namespace
        return state.resources.flatMap { resource in
            state.objects(resource, in: namespace).filter { candidate in
                candidate.ownerReferences.contains { $0.uid == object.uid }
            }.map { ResourceKey(resource, ObjectKey($0)) }
        }
    }

    private func orphanDependents(
        of object: KubernetesObject,
        _ place: ResourceKey,
        _ api: ClusterAPI
    ) async throws(APIStatus) {
        for dependent in allDependents(of: object, api.state) {
            guard let uid = api.get(dependent.resource, dependent.key)?.uid else { continue }
            try await removeOwners([object.uid], from: dependent, uid, api)
        }
        try await removeFinalizer(Transaction.orphanFinalizer, from: place, api)
    }

    private func deleteDependents(
        of object: KubernetesObject,
        _ place: ResourceKey,
        _ api: ClusterAPI
    ) async throws(APIStatus) {
        graph.await(object.uid, at: place)
        var mustWait = false
        for dependent in dependents(of: object, api.state) {
            guard let present = api.get(dependent.resource, dependent.key),
                let reference = present.ownerReferences.first(where: { $0.uid == object.uid })
            else { continue }
            if reference.blocksOwnerDeletion { mustWait = true }
            if !present.isBeingDeleted { try await collect(present, dependent, api) }
        }
        if mustWait {
            // Those that went at once, or let their owner go, may have been the last.
            let isBlocked = dependents(of: object, api.state).contains { dependent in
                api.get(dependent.resource, dependent.key)?.ownerReferences.contains {
                    $0.uid == object.uid && $0.blocksOwnerDeletion
                } == true
            }
            if isBlocked { return }
        }
        graph.forget(object.uid)
        try await removeFinalizer(Transaction.foregroundFinalizer, from: place, api)
    }

    private func removeFinalizer(
        _ finalizer: String,
        from place: ResourceKey,
        _ api: ClusterAPI
    ) async throws(APIStatus) {
        try await Ownership.ignoringAbsence { () throws(APIStatus) in
            try await api.update(place.resource, place.key, as: name) { object in
                object.finalizers = object.finalizers.filter { $0 != finalizer }
            }
        }
    }
}
