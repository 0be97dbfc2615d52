import JSON
import KubernetesModel

/// One controller of an operator: brings the objects of one custom resource to what they ask for, while the operator is at work.
struct OperatorController: Controller {
    typealias Round =
        @Sendable (
            _ object: KubernetesObject, _ dependents: Dependents, _ api: ClusterAPI
        ) async throws(APIStatus) -> Duration?

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
    /// Does what is to be done for one object that is not being deleted.
    let round: Round

    var triggers: [Trigger] {
        [.itself(resource)] + owned.map { .controller(of: $0, kind: kind) } + further + [
            // An operator that comes up looks at everything.
            Trigger(.pods) { change, state in
                guard let pod = change.current, `operator`.isOwn(pod), PodState.isReady(pod) else {
                    return []
                }
                return state.objects(resource).map(ObjectKey.init)
            }
        ]
    }

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        let state = api.state
        guard `operator`.isServed(resource, state), `operator`.isRunning(state),
            let object = state.object(resource, key), !object.isBeingDeleted
        else { return nil }
        do throws(APIStatus) {
            return try await round(object, Dependents(api: api, owner: object, manager: name), api)
        } catch  where error.reason == .notFound && api.get(resource, key)?.uid != object.uid {
            // The object went meanwhile.
            return nil
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
