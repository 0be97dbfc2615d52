import JSON
import KubernetesModel
import Synchronization

/// The caches of custom resources: each starts when its definition comes, in the version that is stored if it is served, and ends
/// when the definition goes or serves that version no more.
final class CustomResourceCaches: Sendable {
    private struct Entry {
        let cache: ResourceCache<CustomResourceProjection>
        let task: Task<Void, Never>
    }

    private let client: KubernetesClient
    private let wanted: [GroupResource]
    private let settings: ListWatch.Settings
    private let now: @Sendable () -> Timestamp
    private let onChange: @Sendable () -> Void
    private let entries = Mutex<[GroupResource: Entry]>([:])
    /// Rings when definitions have changed.
    private let bell: AsyncStream<Void>
    private let ringer: AsyncStream<Void>.Continuation

    init(
        _ client: KubernetesClient,
        _ wanted: [GroupResource],
        _ settings: ListWatch.Settings,
        _ now: @escaping @Sendable () -> Timestamp,
        onChange: @escaping @Sendable () -> Void
    ) {
        self.client = client
        self.wanted = wanted
        self.settings = settings
        self.now = now
        self.onChange = onChange
        (bell, ringer) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    subscript(resource: GroupResource) -> CacheSnapshot<CustomResourceProjection>? {
        entries.withLock { $0[resource]?.cache }?.snapshot
    }

    var reports: [ClusterCaches.Report] {
        let caches = entries.withLock { $0.mapValues(\.cache) }
        return caches.sorted { $0.key < $1.key }.map { resource, cache in
            let snapshot = cache.snapshot
            return ClusterCaches.Report(resource: resource, count: snapshot.count, state: snapshot.state)
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
        let entries = entries.withLock { entries in
            defer { entries = [:] }
            return entries
        }
        for entry in entries.values { entry.task.cancel() }
        for entry in entries.values { await entry.task.value }
    }

    private func follow(_ definitions: CacheSnapshot<CustomResourceDefinitionProjection>) {
        guard definitions.state.isSynced else { return }
        for resource in wanted {
            let version = Self.version(of: definitions[ResourceKey(name: resource.description)])
            entries.withLock { entries in
                if let entry = entries[resource], entry.cache.resource.version != version {
                    entry.task.cancel()
                    entries[resource] = nil
                }
                guard let version, entries[resource] == nil else { return }
                let cache = ResourceCache<CustomResourceProjection>(
                    client,
                    GroupVersionResource(
                        group: resource.group,
                        version: version,
                        resource: resource.resource
                    ),
                    settings: settings,
                    now: now,
                    onChange: onChange
                )
                entries[resource] = Entry(cache: cache, task: Task { await cache.run() })
            }
        }
    }

    /// The version to read; nil when there is nothing to read.
    private static func version(of definition: CustomResourceDefinitionProjection?) -> String? {
        guard let definition, definition.isEstablished else { return nil }
        return definition.servedVersions.contains(definition.storedVersion)
            ? definition.storedVersion : definition.servedVersions.first
    }
}
