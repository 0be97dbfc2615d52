public import JSON
public import KubernetesModel
import Synchronization

/// The few objects of a resource that a selection names, each in the form that a reader makes of it, kept by a watch.
///
/// Who has written or read one of them itself can say so (`learn`, `forget`), and then finds it here at once. Of two states of an
/// object the one with the higher resource version counts (Kubernetes: API Concepts, "Resource versions"; KEP-5504 says that they
/// can be compared as numbers).
public final class WatchedObjects<Value: Sendable>: Sendable {
    /// The objects as they are known at one moment.
    public struct Snapshot: Sendable {
        /// What is known of each.
        public fileprivate(set) var values: [ResourceKey: Value] = [:]
        /// How the knowledge stands with the API server.
        public fileprivate(set) var state = CacheState()
    }

    private struct Entry {
        let value: Value
        let version: UInt64
    }

    private struct State {
        var entries: [ResourceKey: Entry] = [:]
        /// What a list under way has brought so far; nil while there is none.
        var listed: [ResourceKey: Entry]?
        /// Up to which version objects are known to be gone whose deletion the watch has not told of yet.
        var gone: [ResourceKey: UInt64] = [:]
        var state = CacheState()
    }

    private let client: KubernetesClient
    private let resource: GroupVersionResource
    private let namespace: String?
    private let selection: ObjectSelection
    private let settings: ListWatch.Settings
    private let now: @Sendable () -> Timestamp
    private let read: @Sendable (KubernetesObject) -> Value?
    private let state = Mutex(State())

    /// Nothing is known until it runs.
    ///
    /// - Parameters:
    ///   - namespace: where the objects are; nil for all namespaces.
    ///   - now: the time, by which knowledge ages.
    ///   - read: what is kept of an object; nil for one that does not count.
    public init(
        _ client: KubernetesClient,
        _ resource: GroupVersionResource,
        namespace: String? = nil,
        _ selection: ObjectSelection,
        settings: ListWatch.Settings = ListWatch.Settings(),
        now: @escaping @Sendable () -> Timestamp = Timestamp.now,
        read: @escaping @Sendable (KubernetesObject) -> Value?
    ) {
        self.client = client
        self.resource = resource
        self.namespace = namespace
        self.selection = selection
        self.settings = settings
        self.now = now
        self.read = read
    }

    /// What is known now.
    public var snapshot: Snapshot {
        state.withLock { Snapshot(values: $0.entries.mapValues(\.value), state: $0.state) }
    }

    /// What is known of one object.
    public subscript(key: ResourceKey) -> Value? { state.withLock { $0.entries[key]?.value } }

    /// Keeps the knowledge up to date until the task is cancelled.
    public func run() async {
        var iterator = client.watch(resource, namespace: namespace, selection, settings: settings)
            .makeAsyncIterator()
        while let events = await iterator.nextBatch() {
            for event in events { apply(event) }
        }
        state.withLock { $0.state.isConnected = false }
    }

    /// Takes up an object as the API server has just given it, before the watch tells of it.
    public func learn(_ object: JSONValue) {
        let object = KubernetesObject(object)
        let entry = entry(object)
        state.withLock { Self.put(entry, object, &$0.entries, unless: $0.gone) }
    }

    /// Takes note that an object has just been deleted in the state that it had with that resource version, before the watch tells
    /// of it. What the watch still tells of that state and of earlier ones is passed over.
    public func forget(_ key: ResourceKey, upTo resourceVersion: String) {
        let version = UInt64(resourceVersion) ?? 0
        state.withLock { state in
            state.gone[key] = max(version, state.gone[key] ?? 0)
            if let known = state.entries[key], known.version <= version { state.entries[key] = nil }
            if let known = state.listed?[key], known.version <= version { state.listed?[key] = nil }
        }
    }

    // MARK: Events

    private func apply(_ event: WatchEvent) {
        switch event {
        case .listing: state.withLock { $0.listed = [:] }
        case .listed(let object):
            guard let (object, entry) = decoded(object) else { return }
            state.withLock { state in
                var listed = state.listed ?? [:]
                Self.put(entry, object, &listed, unless: state.gone)
                state.listed = listed
            }
        case .synced(let resourceVersion):
            let version = UInt64(resourceVersion) ?? 0
            state.withLock { state in
                var entries = state.listed ?? [:]
                // What has been learnt since the list was made is newer than the list.
                for (key, entry) in state.entries where entry.version > version { entries[key] = entry }
                (state.entries, state.listed) = (entries, nil)
                state.state.isSynced = true
                state.state.isUnavailable = false
                heard(&state)
            }
        case .added(let object), .modified(let object):
            let decoded = decoded(object)
            state.withLock { state in
                if let (object, entry) = decoded {
                    Self.put(entry, object, &state.entries, unless: state.gone)
                }
                heard(&state)
            }
        case .deleted(let object):
            let decoded = decoded(object)
            state.withLock { state in
                if let (object, _) = decoded {
                    Self.remove(object, &state.entries)
                    Self.remove(object, from: &state.gone)
                }
                heard(&state)
            }
        case .bookmark, .status(.connected): state.withLock { heard(&$0) }
        case .status(.interrupted(let error)):
            state.withLock { state in
                state.state.isConnected = false
                state.state.lastError = error
            }
        case .status(.unavailable(let error)):
            state.withLock { state in
                // What cannot be read is not known, whatever was there before.
                state.entries = [:]
                state.listed = nil
                state.state.isSynced = false
                state.state.isConnected = false
                state.state.isUnavailable = true
                state.state.lastError = error
            }
        }
    }

    private func heard(_ state: inout State) {
        state.state.isConnected = true
        state.state.lastError = nil
        state.state.lastContact = now()
    }

    private func decoded(_ object: WatchedObject) -> (KubernetesObject, Entry?)? {
        guard let json = try? object.json() else { return nil }
        let object = KubernetesObject(json)
        return (object, entry(object))
    }

    private func entry(_ object: KubernetesObject) -> Entry? {
        read(object).map { Entry(value: $0, version: UInt64(object.resourceVersion) ?? 0) }
    }

    private static func put(
        _ entry: Entry?,
        _ object: KubernetesObject,
        _ entries: inout [ResourceKey: Entry],
        unless gone: [ResourceKey: UInt64]
    ) {
        let key = ResourceKey(namespace: object.namespace, name: object.name)
        let version = UInt64(object.resourceVersion) ?? 0
        guard entries[key].map({ $0.version <= version }) ?? true, gone[key].map({ $0 < version }) ?? true
        else { return }
        entries[key] = entry
    }

    /// Removes an object, unless a later one of its name is known.
    private static func remove(_ object: KubernetesObject, _ entries: inout [ResourceKey: Entry]) {
        let key = ResourceKey(namespace: object.namespace, name: object.name)
        let version = UInt64(object.resourceVersion) ?? .max
        if let known = entries[key], known.version <= version { entries[key] = nil }
    }

    /// From the deletion on, the watch tells of no earlier state.
    private static func remove(_ object: KubernetesObject, from gone: inout [ResourceKey: UInt64]) {
        let key = ResourceKey(namespace: object.namespace, name: object.name)
        let version = UInt64(object.resourceVersion) ?? .max
        if let known = gone[key], known <= version { gone[key] = nil }
    }
}
