import JSON
public import KubernetesModel
import Synchronization

/// The caches of custom resources: each starts when its definition comes, in the version that is stored if it is served, and ends
/// when the definition goes or serves that version no more.
final class CustomResourceCaches: Sendable {
    private struct Entry {
        let cache: ResourceCache<CustomResourceProjection>
        let task: Task<Void, Never>
        /// Whether its definition came when those that there had been were known already.
        let isNewcomer: Bool
    }

    private struct State {
        var entries: [GroupResource: Entry] = [:]
        /// Whether there is a cache for each definition that was there at first.
        var hasBegun = false
    }

    private let client: KubernetesClient
    private let wanted: [GroupVersionResource]
    private let settings: ListWatch.Settings
    private let now: @Sendable () -> Timestamp
    private let onChange: @Sendable () -> Void
    private let observer: CustomResourceObserver?
    private let state = Mutex(State())
    /// Rings when definitions have changed.
    private let bell: AsyncStream<Void>
    private let ringer: AsyncStream<Void>.Continuation

    init(
        _ client: KubernetesClient,
        _ wanted: [GroupVersionResource],
        _ settings: ListWatch.Settings,
        _ now: @escaping @Sendable () -> Timestamp,
        observer: CustomResourceObserver? = nil,
        onChange: @escaping @Sendable () -> Void
    ) {
        self.client = client
        self.wanted = wanted
        self.settings = settings
        self.now = now
        self.observer = observer
        self.onChange = onChange
        (bell, ringer) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    subscript(resource: GroupResource) -> CacheSnapshot<CustomResourceProjection>? {
        state.withLock { $0.entries[resource]?.cache }?.snapshot
    }

    var reports: [ClusterCaches.Report] {
        let caches = state.withLock { $0.entries.mapValues(\.cache) }
        return caches.sorted { $0.key < $1.key }.map { resource, cache in
            let snapshot = cache.snapshot
            return ClusterCaches.Report(resource: resource, count: snapshot.count, state: snapshot.state)
        }
    }

    /// How the caches of resources stand from which something is to be told, those that are defined. Objects of a definition that has just come are
    /// first being listed: what is known without them is as true as it was a moment ago, when there was no such definition.
    func states(of resources: [GroupResource]) -> [CacheState] {
        let (hasBegun, entries) = state.withLock { state in
            (state.hasBegun, resources.compactMap { state.entries[$0] })
        }
        guard hasBegun || resources.isEmpty else { return [CacheState()] }
        return entries.compactMap { entry in
            let state = entry.cache.snapshot.state
            let isFirstListing = !state.isSynced && !state.isUnavailable && state.lastError == nil
            return entry.isNewcomer && isFirstListing ? nil : state
        }
    }

    func definitionsChanged() {
        ringer.yield()
    }

    /// Starts and ends caches as definitions come and go, until the task is cancelled.
    func run(_ definitions: @Sendable () -> CacheSnapshot<CustomResourceDefinitionProjection>) async {
        for await _ in bell {
            follow(definitions())
            onChange()
        }
        let entries = state.withLock { state in
            defer { state = State() }
            return state.entries
        }
        for entry in entries.values { entry.task.cancel() }
        for entry in entries.values { await entry.task.value }
    }

    private func follow(_ definitions: CacheSnapshot<CustomResourceDefinitionProjection>) {
        guard definitions.state.isSynced else { return }
        defer { state.withLock { $0.hasBegun = true } }
        for wanted in wanted {
            let resource = wanted.groupResource
            let definition = definitions[ResourceKey(name: resource.description)]
            let version = Self.version(of: definition, preferring: wanted.version)
            state.withLock { state in
                if let entry = state.entries[resource], entry.cache.resource.version == version { return }
                let predecessor = state.entries.removeValue(forKey: resource)?.task
                predecessor?.cancel()
                guard let version else { return }
                state.entries[resource] = entry(
                    resource,
                    version,
                    after: predecessor,
                    isNewcomer: state.hasBegun && predecessor == nil
                )
            }
        }
    }

    /// A cache that starts once the one before it has told of its end, so that changes are told in order.
    private func entry(
        _ resource: GroupResource,
        _ version: String,
        after predecessor: Task<Void, Never>?,
        isNewcomer: Bool
    ) -> Entry {
        var told: CacheObserver<CustomResourceProjection>?
        if let observer { told = { changes in observer(resource, changes) } }
        let observe = told
        let cache = ResourceCache<CustomResourceProjection>(
            client,
            GroupVersionResource(group: resource.group, version: version, resource: resource.resource),
            settings: settings,
            now: now,
            observer: observe,
            onChange: onChange
        )
        let task = Task {
            await predecessor?.value
            await cache.run()
            // What is defined no more is gone, whoever watched it.
            let last = cache.snapshot.objects.map { CacheChange<CustomResourceProjection>(old: $0, new: nil) }
            if !last.isEmpty { observe?(last) }
        }
        return Entry(cache: cache, task: task, isNewcomer: isNewcomer)
    }

    /// The version to read: the preferred one where it is served, else the one that is stored; nil when there is nothing to read.
    private static func version(
        of definition: CustomResourceDefinitionProjection?,
        preferring preferred: String
    ) -> String? {
        guard let definition, definition.isEstablished else { return nil }
        return [preferred, definition.storedVersion].first(where: definition.servedVersions.contains)
            ?? definition.servedVersions.first
    }
}

/// What is told of changes of custom resources, with the resource that changed, in order for each resource.
public typealias CustomResourceObserver =
    @Sendable (GroupResource, [CacheChange<CustomResourceProjection>]) -> Void
