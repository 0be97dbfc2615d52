import HashTreeCollections
import JSON
import KubernetesModel
import Synchronization

/// Keeps the objects of one resource in memory, fed by a watch.
final class ResourceCache<Object: Projection>: Sendable {
    let resource: GroupVersionResource
    private let client: KubernetesClient
    private let selection: ObjectSelection
    private let settings: ListWatch.Settings
    private let now: @Sendable () -> Timestamp
    private let isMarked: @Sendable (Object) -> Bool
    private let published = Mutex(CacheSnapshot<Object>())
    /// Told whenever a snapshot differs from the one before.
    private let onChange: @Sendable () -> Void
    /// Told of each object that is known otherwise than before, in order.
    private let observer: CacheObserver<Object>?

    init(
        _ client: KubernetesClient,
        _ resource: GroupVersionResource,
        _ selection: ObjectSelection = .everything,
        settings: ListWatch.Settings,
        now: @escaping @Sendable () -> Timestamp,
        isMarked: @escaping @Sendable (Object) -> Bool = { _ in false },
        observer: CacheObserver<Object>? = nil,
        onChange: @escaping @Sendable () -> Void = {}
    ) {
        self.client = client
        self.resource = resource
        self.selection = selection
        self.settings = settings
        self.now = now
        self.isMarked = isMarked
        self.onChange = onChange
        self.observer = observer
    }

    /// The objects as they are known now.
    var snapshot: CacheSnapshot<Object> { published.withLock(\.self) }

    /// Runs until the task is cancelled.
    func run() async {
        var iterator = client.watch(resource, selection, settings: settings).makeAsyncIterator()
        var round = Round(shared: SharedValues())
        while let events = await iterator.nextBatch() {
            var next = snapshot
            var hasChanged = false
            for event in events {
                if apply(event, to: &next, &round) { hasChanged = true }
            }
            if hasChanged { next.revision += 1 }
            let result = next
            let isNews = hasChanged || result.state != snapshot.state
            // First, so that who finds that all objects are known finds that the observer knows them too.
            if let observer, !round.changes.isEmpty { observer(round.changes) }
            published.withLock { $0 = result }
            round.changes = []
            if isNews { onChange() }
        }
        published.withLock { $0.state.isConnected = false }
    }

    /// What a list under way has brought so far: what is not in it is gone when it ends.
    private struct Round {
        let shared: SharedValues
        var listed: TreeDictionary<ResourceKey, Object> = [:]
        var marked: TreeDictionary<ResourceKey, Object> = [:]
        var unreadable: [ResourceKey: KubernetesError] = [:]
        /// What the observer is to be told of; nothing where there is none.
        var changes: [CacheChange<Object>] = []

        /// A new list begins.
        func restarted() -> Round { Round(shared: shared, changes: changes) }
    }

    private func note(_ old: Object?, _ new: Object?, _ round: inout Round) {
        guard observer != nil, old != nil || new != nil else { return }
        if let old, let new, old.metadata.isSameVersion(as: new.metadata) { return }
        round.changes.append(CacheChange(old: old, new: new))
    }

    /// Notes what is other objects than before, or gone.
    private func note(
        _ old: TreeDictionary<ResourceKey, Object>,
        _ new: TreeDictionary<ResourceKey, Object>,
        _ round: inout Round
    ) {
        guard observer != nil else { return }
        for (key, object) in old where new[key] == nil { note(object, nil, &round) }
        for (key, object) in new { note(old[key], object, &round) }
    }

    /// Applies an event; returns whether objects differ.
    private func apply(_ event: WatchEvent, to next: inout CacheSnapshot<Object>, _ round: inout Round)
        -> Bool
    {
        switch event {
        case .listing:
            round = round.restarted()
            return false
        case .listed(let object):
            guard let object = decode(object, &round.unreadable, round.shared, as: Object.self) else {
                return false
            }
            let key = object.metadata.key
            // An object that is as it was is not kept twice until the list is complete.
            let known = next.byKey[key].flatMap { $0.metadata.isSameVersion(as: object.metadata) ? $0 : nil }
            round.listed[key] = known ?? object
            if isMarked(object) { round.marked[key] = known ?? object }
            return false
        case .synced:
            note(next.byKey, round.listed, &round)
            next.byKey = round.listed
            next.marked = round.marked
            next.unreadable = round.unreadable
            round = round.restarted()
            next.state.isSynced = true
            next.state.isUnavailable = false
            heard(&next)
            return true
        case .added(let object), .modified(let object):
            defer { heard(&next) }
            guard let object = decode(object, &next.unreadable, round.shared, as: Object.self) else {
                return false
            }
            next.unreadable[object.metadata.key] = nil
            note(next.byKey[object.metadata.key], object, &round)
            next.byKey[object.metadata.key] = object
            if isMarked(object) {
                next.marked[object.metadata.key] = object
            } else if !next.marked.isEmpty {
                next.marked[object.metadata.key] = nil
            }
            return true
        case .deleted(let object):
            defer { heard(&next) }
            // Its place is enough, whatever the rest of it is like.
            guard
                let metadata = decode(object, &next.unreadable, round.shared, as: PlaceProjection.self)?
                    .metadata
            else { return false }
            next.unreadable[metadata.key] = nil
            if !next.marked.isEmpty { next.marked[metadata.key] = nil }
            let removed = next.byKey.removeValue(forKey: metadata.key)
            note(removed, nil, &round)
            return removed != nil
        case .bookmark:
            heard(&next)
            return false
        case .status(.connected):
            heard(&next)
            return false
        case .status(.interrupted(let error)):
            next.state.isConnected = false
            next.state.lastError = error
            return false
        case .status(.unavailable(let error)):
            // What cannot be read is not known, whatever was there before.
            let hadObjects = !next.byKey.isEmpty
            note(next.byKey, [:], &round)
            next.byKey = [:]
            next.marked = [:]
            next.unreadable = [:]
            next.state.isSynced = false
            next.state.isConnected = false
            next.state.isUnavailable = true
            next.state.lastError = error
            return hadObjects
        }
    }

    private func heard(_ next: inout CacheSnapshot<Object>) {
        next.state.isConnected = true
        next.state.lastError = next.unreadable.min { $0.key < $1.key }?.value
        next.state.lastContact = now()
    }

    /// The projection of an object; nil, with the reason kept at its place, for one that cannot be read.
    private func decode<P: Projection>(
        _ object: WatchedObject,
        _ unreadable: inout [ResourceKey: KubernetesError],
        _ shared: SharedValues,
        as projection: P.Type
    ) -> P? {
        do throws(JSONScanError) {
            return try scan(object, shared)
        } catch {
            // One whose place cannot be read either is missing until the next list.
            let place: PlaceProjection? = try? scan(object, shared)
            let key = place?.metadata.key ?? ResourceKey(name: "")
            unreadable[key] = .decoding("an object of \(resource) cannot be read: \(error)")
            return nil
        }
    }

    private func scan<P: Projection>(_ object: WatchedObject, _ shared: SharedValues) throws(JSONScanError)
        -> P
    {
        try JSONScanner.scan(object.bytes, shared: shared) { (scanner) throws(JSONScanError) in
            try P(&scanner)
        }
    }
}

/// An object of which only its place matters.
private struct PlaceProjection: Projection {
    let metadata: ObjectMetadata

    init(_ scanner: inout JSONScanner) throws(JSONScanError) {
        var metadata = ObjectMetadata()
        try scanner.object { (key, scanner) throws(JSONScanError) in
            guard key == "metadata" else { return }
            try scanner.object { (key, scanner) throws(JSONScanError) in
                if key == "name" { metadata.name = try scanner.string() }
                if key == "namespace" { metadata.namespace = try scanner.optionalString() ?? "" }
            }
        }
        self.metadata = metadata
    }
}
