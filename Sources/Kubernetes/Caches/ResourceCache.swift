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

    init(
        _ client: KubernetesClient,
        _ resource: GroupVersionResource,
        _ selection: ObjectSelection = .everything,
        settings: ListWatch.Settings,
        now: @escaping @Sendable () -> Timestamp,
        isMarked: @escaping @Sendable (Object) -> Bool = { _ in false },
        onChange: @escaping @Sendable () -> Void = {}
    ) {
        self.client = client
        self.resource = resource
        self.selection = selection
        self.settings = settings
        self.now = now
        self.isMarked = isMarked
        self.onChange = onChange
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
            published.withLock { $0 = result }
            if isNews { onChange() }
        }
        published.withLock { $0.state.isConnected = false }
    }

    /// What a list under way has brought so far: what is not in it is gone when it ends.
    private struct Round {
        let shared: SharedValues
        var listed: TreeDictionary<ResourceKey, Object> = [:]
        var marked: TreeDictionary<ResourceKey, Object> = [:]
    }

    /// Applies an event; returns whether objects differ.
    private func apply(_ event: WatchEvent, to next: inout CacheSnapshot<Object>, _ round: inout Round)
        -> Bool
    {
        switch event {
        case .listing:
            round = Round(shared: round.shared)
            return false
        case .listed(let object):
            guard let object = decode(object, &next, round.shared, as: Object.self) else { return false }
            let key = object.metadata.key
            // An object that is as it was is not kept twice until the list is complete.
            let known = next.byKey[key].flatMap { $0.metadata.isSameVersion(as: object.metadata) ? $0 : nil }
            round.listed[key] = known ?? object
            if isMarked(object) { round.marked[key] = known ?? object }
            return false
        case .synced:
            next.byKey = round.listed
            next.marked = round.marked
            round = Round(shared: round.shared)
            next.state.isSynced = true
            next.state.isUnavailable = false
            heard(&next)
            return true
        case .added(let object), .modified(let object):
            heard(&next)
            guard let object = decode(object, &next, round.shared, as: Object.self) else { return false }
            next.byKey[object.metadata.key] = object
            if isMarked(object) {
                next.marked[object.metadata.key] = object
            } else if !next.marked.isEmpty {
                next.marked[object.metadata.key] = nil
            }
            return true
        case .deleted(let object):
            heard(&next)
            // Its place is enough, whatever the rest of it is like.
            guard let metadata = decode(object, &next, round.shared, as: PlaceProjection.self)?.metadata
            else {
                return false
            }
            if !next.marked.isEmpty { next.marked[metadata.key] = nil }
            return next.byKey.removeValue(forKey: metadata.key) != nil
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
            next.byKey = [:]
            next.marked = [:]
            next.state.isSynced = false
            next.state.isConnected = false
            next.state.isUnavailable = true
            next.state.lastError = error
            return hadObjects
        }
    }

    private func heard(_ next: inout CacheSnapshot<Object>) {
        next.state.isConnected = true
        next.state.lastError = nil
        next.state.lastContact = now()
    }

    /// The projection of an object; nil, with the reason kept, for one that cannot be read.
    private func decode<P: Projection>(
        _ object: WatchedObject,
        _ next: inout CacheSnapshot<Object>,
        _ shared: SharedValues,
        as projection: P.Type
    ) -> P? {
        do throws(JSONScanError) {
            return try JSONScanner.scan(object.bytes, shared: shared) { (scanner) throws(JSONScanError) in
                try P(&scanner)
            }
        } catch {
            next.state.lastError = .decoding("an object of \(resource) cannot be read: \(error)")
            return nil
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
