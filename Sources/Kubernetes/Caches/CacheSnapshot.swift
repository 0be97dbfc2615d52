import HashTreeCollections
public import JSON

/// The objects of a resource as they were at one moment. A copy costs nothing and never changes.
public struct CacheSnapshot<Object: Sendable>: Sendable {
    var byKey: TreeDictionary<ResourceKey, Object> = [:]
    /// Those of the objects that are marked, so that a few are found at once among many.
    var marked: TreeDictionary<ResourceKey, Object> = [:]
    /// Why objects that are there cannot be read.
    var unreadable: [ResourceKey: KubernetesError] = [:]
    /// Counts the snapshots in which something differs, so that an answer made from one can be told from others.
    public internal(set) var revision: UInt64 = 0
    /// How the cache stands.
    public internal(set) var state = CacheState()

    /// The number of objects.
    public var count: Int { byKey.count }

    /// The object with that key, or nil.
    public subscript(key: ResourceKey) -> Object? { byKey[key] }

    /// The objects, in no order.
    public var objects: some Sequence<Object> { byKey.values }

    /// The marked ones, in no order.
    var markedObjects: some Sequence<Object> { marked.values }
}

/// How a cache stands with the API server.
public struct CacheState: Sendable, Hashable {
    /// Whether all objects have been read once, so that what is not there does not exist.
    public internal(set) var isSynced = false
    /// Whether changes come in as they happen.
    public internal(set) var isConnected = false
    /// Whether the API server has no such resource, or does not let it be read.
    public internal(set) var isUnavailable = false
    /// When the API server was last heard of; nil for never.
    public internal(set) var lastContact: Timestamp?
    /// Why changes do not come in, or why one of the objects cannot be read; nil when all is well.
    public internal(set) var lastError: KubernetesError?

    init() {}

    /// How old the knowledge may be, seconds; nil when there is none. A connected cache is never more than a moment behind.
    public func age(at now: Timestamp) -> Double? {
        guard isSynced else { return nil }
        return isConnected ? 0 : lastContact.map { max(0, now.seconds(since: $0)) }
    }
}
