import JSON
public import KubernetesModel

/// One change to one object, as watches tell it.
public struct Change: Sendable {
    /// The resource version that the change was given.
    public let revision: UInt64
    /// What the object is one of.
    public let resource: GroupResource
    /// The object before; nil when it is new.
    public let previous: KubernetesObject?
    /// The object after; nil when it is gone.
    public let current: KubernetesObject?

    /// Where the object stands.
    public var key: ObjectKey { object.map(ObjectKey.init) ?? ObjectKey(name: "") }
    /// The object after the change, or as it last was.
    public var object: KubernetesObject? { current ?? previous }
}

/// What one writer does to the cluster, all of it or nothing.
public struct Transaction: Sendable {
    /// The cluster with what the transaction has done so far.
    public private(set) var state: ClusterState
    /// What the transaction has done.
    private(set) var changes: [Change] = []

    /// Whether nothing of it will be written: it is only to see how it would end.
    private let isRehearsal: Bool

    init(_ state: ClusterState, isRehearsal: Bool = false) {
        self.state = state
        self.isRehearsal = isRehearsal
    }

    /// Stores an object under its key, with a new resource version, and returns it as stored.
    @discardableResult
    public mutating func put(_ resource: GroupResource, _ object: KubernetesObject) -> KubernetesObject {
        let previous = state.object(resource, ObjectKey(object))
        var object = object
        state.revision += 1
        if isRehearsal {
            // What was not written has the version of what is there, as upstream answers dry runs.
            object.json[at: "metadata", "resourceVersion"] = previous.map { .string($0.resourceVersion) }
        } else {
            object.resourceVersion = String(state.revision)
        }
        state.put(resource, object)
        changes.append(
            Change(revision: state.revision, resource: resource, previous: previous, current: object)
        )
        return object
    }

    /// Removes an object and returns it as it last was, with the resource version of its removal; nil when there was none.
    @discardableResult
    public mutating func remove(_ resource: GroupResource, _ key: ObjectKey) -> KubernetesObject? {
        guard var object = state.object(resource, key) else { return nil }
        state.revision += 1
        state.remove(resource, key)
        object.resourceVersion = String(state.revision)
        changes.append(Change(revision: state.revision, resource: resource, previous: object, current: nil))
        return object
    }
}
