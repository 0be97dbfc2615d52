import JSON
import KubernetesModel

/// One controller of an operator: brings the objects of one custom resource to what they ask for, while the operator is at work.
struct OperatorController: Controller {
    typealias Round =
        @Sendable (
            _ object: KubernetesObject, _ dependents: Dependents, _ api: ClusterAPI
        ) async throws(APIStatus) -> Duration?
    typealias End =
        @Sendable (
            _ object: KubernetesObject, _ dependents: Dependents, _ api: ClusterAPI
        ) async throws(APIStatus) -> Bool

    let name: String
    let `operator`: SimulatedOperator
    /// The custom resource.
    let resource: GroupResource
    /// Its kind, by which owner references name it.
    let kind: String
    /// The resources of which its objects own some.
    let owned: [GroupResource]
    /// Other causes to look at an object.
    var further: [Trigger] = []
    /// Keeps an object of the resource until `end` has seen it go; nil for none.
    var finalizer: String?
    /// Does what is to be done for one object that is not being deleted.
    let round: Round
    /// Does what is to be done for one object that is being deleted and bears the finalizer.
    ///
    /// It returns whether the object may go.
    var end: End = { (_, _, _) in true }

    var triggers: [Trigger] {
        [.itself(resource)] + owned.map { .controller(of: $0, kind: kind) } + further + [
            // An operator that comes up looks at everything.
            Trigger(.pods) { change, state in
                guard let pod = change.current, `operator`.isOwn(pod), PodState.isReady(pod) else {
                    return []
                }
                return state.objects(resource).map(ObjectKey.init)
            },
            // Objects that are to go with their definition may have been waiting to go before.
            Trigger(.customResourceDefinitions) { change, state in
                guard finalizer != nil, change.key.name == resource.description,
                    `operator`.isReleasing(resource, state)
                else { return [] }
                return state.objects(resource).map(ObjectKey.init)
            },
        ]
    }

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        let state = api.state
        guard let object = state.object(resource, key) else { return nil }
        do throws(APIStatus) {
            let isRunning = `operator`.isRunning(state)
            if object.isBeingDeleted {
                guard isRunning || `operator`.isReleasing(resource, state) else { return nil }
                try await end(object, api)
                return nil
            }
            guard isRunning, `operator`.isServed(resource, state) else { return nil }
            if let finalizer, !object.finalizers.contains(finalizer) {
                // The change leads to the next round.
                try await api.update(resource, key, as: name) { object in
                    guard !object.isBeingDeleted else { return }
                    object.finalizers = object.finalizers + [finalizer]
                }
                return nil
            }
            return try await round(object, Dependents(api: api, owner: object, manager: name), api)
        } catch  where error.reason == .notFound && api.get(resource, key)?.uid != object.uid {
            // The object went meanwhile.
            return nil
        }
    }

    private func end(_ object: KubernetesObject, _ api: ClusterAPI) async throws(APIStatus) {
        guard let finalizer, object.finalizers.contains(finalizer),
            try await end(object, Dependents(api: api, owner: object, manager: name), api)
        else { return }
        try await api.update(resource, ObjectKey(object), as: name) { object in
            object.finalizers = object.finalizers.filter { $0 != finalizer }
        }
    }
}

extension Trigger {
    /// For pods: the object of some resource that a label names, in the pod's namespace.
    static func podLabel(_ label: String) -> Trigger {
        Trigger(.pods) { change, _ in
            let names = [change.previous, change.current].compactMap { $0?.label(label) }
            return Set(names).map { ObjectKey(namespace: change.key.namespace, name: $0) }
        }
    }
}
