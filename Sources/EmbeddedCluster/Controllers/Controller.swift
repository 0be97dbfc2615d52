import KubernetesModel

/// Brings one kind of object to what its specification asks for, again and again.
///
/// A controller is told keys, not changes: it looks at the present state and does what is missing, so that it does no harm when it
/// is told the same twice or when it starts late.
protocol Controller: Sendable {
    /// Its name, such as `deployment-controller`: the manager of what it writes and the source of its events.
    var name: String { get }

    /// What to watch, and which keys a change concerns.
    var triggers: [Trigger] { get }

    /// Which keys a change of any object of any served resource concerns, those of custom resources included; nil when only
    /// `triggers` count.
    var keysOfAnyChange: (@Sendable (Change, ClusterState) -> [ObjectKey])? { get }

    /// Keys to look at for another cause than a change in the API, such as the end of a process; nil when there is none.
    var signals: AsyncStream<ObjectKey>? { get }

    /// Does what is to be done for one key.
    ///
    /// - Returns: How long to wait before looking again even if nothing changes; nil for never.
    /// - Throws: What the API answered; the key is tried again after a growing pause.
    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration?
}

extension Controller {
    var keysOfAnyChange: (@Sendable (Change, ClusterState) -> [ObjectKey])? { nil }
    var signals: AsyncStream<ObjectKey>? { nil }
}

/// A resource to watch, and the keys that a change of one of its objects concerns.
struct Trigger: Sendable {
    let resource: GroupResource
    let keys: @Sendable (Change, ClusterState) -> [ObjectKey]

    /// A trigger whose keys `keys` finds.
    init(_ resource: GroupResource, keys: @escaping @Sendable (Change, ClusterState) -> [ObjectKey]) {
        self.resource = resource
        self.keys = keys
    }

    /// The changed object's own key.
    static func itself(_ resource: GroupResource) -> Trigger {
        Trigger(resource) { change, _ in [change.key] }
    }

    /// The key of the changed object's controller, before the change and after it, when it is of that kind.
    static func controller(of resource: GroupResource, kind: String) -> Trigger {
        Trigger(resource) { change, _ in
            let owners = [change.previous, change.current].compactMap { $0 }.compactMap { object in
                object.controller.flatMap { owner in
                    owner.kind == kind ? ObjectKey(namespace: object.namespace, name: owner.name) : nil
                }
            }
            return Array(Set(owners))
        }
    }
}
