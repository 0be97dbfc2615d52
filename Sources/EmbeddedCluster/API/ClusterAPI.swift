public import JSON
public import KubernetesModel
import Synchronization

/// The API of the cluster for the code of this process: what the HTTP front and the controllers read and write through.
///
/// Reads take the present state from memory. A change is a closure over the present object, run with no other write between, so
/// that a controller never meets a conflict of its own making.
public final class ClusterAPI: Sendable {
    /// Where objects are kept.
    public let store: ObjectStore
    /// The time, for stamps on objects.
    public let now: @Sendable () -> Timestamp
    /// The ends of the names of events.
    let eventNames = EventNames()
    private let catalogCache: Mutex<(revision: UInt64, catalog: ResourceCatalog)>

    /// An API over a store.
    public init(store: ObjectStore, now: @escaping @Sendable () -> Timestamp = Timestamp.now) {
        self.store = store
        self.now = now
        let state = store.state
        catalogCache = Mutex((state.revision(of: .customResourceDefinitions), Self.catalog(of: state)))
    }

    private static func catalog(of state: ClusterState) -> ResourceCatalog {
        ResourceCatalog(customResourceDefinitions: state.objects(.customResourceDefinitions))
    }

    /// The cluster as it is now.
    public var state: ClusterState { store.state }

    /// The collections that are served now.
    public var catalog: ResourceCatalog {
        let state = store.state
        let revision = state.revision(of: .customResourceDefinitions)
        if let cached = catalogCache.withLock({ $0.revision == revision ? $0.catalog : nil }) {
            return cached
        }
        let catalog = Self.catalog(of: state)
        return catalogCache.withLock { cached in
            if cached.revision < revision { cached = (revision, catalog) }
            return catalog
        }
    }

    // MARK: Reading

    /// The object with that key, or nil.
    public func get(_ resource: GroupResource, _ key: ObjectKey) -> KubernetesObject? {
        state.object(resource, key)
    }

    /// The objects of a namespace, or of all with nil, that a selector selects.
    public func list(
        _ resource: GroupResource,
        in namespace: String? = nil,
        matching selector: LabelSelector = .everything
    ) -> [KubernetesObject] {
        state.objects(resource, in: namespace).filter { $0.matches(selector) }
    }

    // MARK: Writing

    /// Makes an object. Its `apiVersion` and `kind` are filled in when absent, its metadata as the API server does; a name is
    /// made from `generateName`.
    ///
    /// - Parameter manager: Whose change it is, for `metadata.managedFields`.
    /// - Throws: 409 when there is one, 404 when the namespace is absent, 403 when it is ending, 422 when a rule is broken.
    @discardableResult
    public func create(
        _ resource: GroupResource,
        _ object: KubernetesObject,
        as manager: String
    ) async throws(APIStatus) -> KubernetesObject {
        let definition = try definition(of: resource)
        let options = WriteOptions(manager: manager, now: now())
        return try await store.write { (transaction) throws(APIStatus) in
            try transaction.create(definition, object, options)
        }
    }

    /// Changes an object, its status excepted, and returns it as stored. Nothing is written when `change` leaves it as it is.
    ///
    /// - Throws: 404 when there is none; what `change` throws.
    @discardableResult
    public func update(
        _ resource: GroupResource,
        _ key: ObjectKey,
        as manager: String,
        _ change: @escaping @Sendable (inout KubernetesObject) throws(APIStatus) -> Void
    ) async throws(APIStatus) -> KubernetesObject {
        try await write(resource, key, .main, manager, change)
    }

    /// Changes the status of an object, and nothing else of it but labels and annotations, and returns the object as stored.
    /// Nothing is written when `change` leaves it as it is.
    ///
    /// - Throws: 404 when there is none; what `change` throws.
    @discardableResult
    public func updateStatus(
        _ resource: GroupResource,
        _ key: ObjectKey,
        as manager: String,
        _ change: @escaping @Sendable (inout KubernetesObject) throws(APIStatus) -> Void
    ) async throws(APIStatus) -> KubernetesObject {
        try await write(resource, key, .status, manager, change)
    }

    private func write(
        _ resource: GroupResource,
        _ key: ObjectKey,
        _ part: ObjectPart,
        _ manager: String,
        _ change: @escaping @Sendable (inout KubernetesObject) throws(APIStatus) -> Void
    ) async throws(APIStatus) -> KubernetesObject {
        let definition = try definition(of: resource)
        let options = WriteOptions(manager: manager, now: now())
        return try await store.write { (transaction) throws(APIStatus) in
            guard let present = transaction.state.object(resource, key) else {
                throw APIStatus.notFound(resource, key.name)
            }
            var object = present
            try change(&object)
            return try transaction.replace(definition, present, with: object, part, options)
        }
    }

    /// Deletes an object as `options` say: at once, or once its finalizers and dependents are gone. Deleting one that does not
    /// exist is no failure here.
    public func delete(
        _ resource: GroupResource,
        _ key: ObjectKey,
        _ options: DeleteOptions = DeleteOptions()
    ) async throws(APIStatus) {
        let definition = try definition(of: resource)
        let now = now()
        try await store.write { (transaction) throws(APIStatus) in
            guard let present = transaction.state.object(resource, key) else { return }
            _ = try transaction.delete(definition, present, options, now: now)
        }
    }

    /// The definition of a collection in its preferred version.
    ///
    /// - Throws: 404 when it is not served.
    public func definition(of resource: GroupResource) throws(APIStatus) -> ResourceDefinition {
        guard let definition = catalog[resource] else { throw APIStatus.noSuchPath }
        return definition
    }
}
