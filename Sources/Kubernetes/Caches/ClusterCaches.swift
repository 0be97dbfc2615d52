public import JSON
public import KubernetesModel
import Synchronization

/// What is known of a cluster: caches of everything that the control plane looks at, each fed by a watch of its own.
///
/// Readers take immutable snapshots and never wait. When the API server is away they go on with what was known last.
public final class ClusterCaches: Sendable {
    /// What to keep, beside what is always kept.
    public struct Settings: Sendable {
        /// Which config maps are kept.
        public var configMaps: LabelSelector
        /// Which secrets are kept, without their values.
        public var secrets: LabelSelector
        /// The custom resources that are kept as soon as they are defined, in this version if it is served, else in the stored one.
        public var customResources: [GroupVersionResource]
        /// Labels, by key and value, of which one tells that a pod is an operator's.
        public var operatorLabels: [(key: String, value: String)] = []
        /// How the watches go about it.
        public var watch = ListWatch.Settings()

        /// Keeps what Ingot itself has made of config maps and secrets, and those custom resources.
        public init(customResources: [GroupVersionResource] = []) {
            let own = LabelSelector(matching: ["app.kubernetes.io/managed-by": "ingot"])
            configMaps = own
            secrets = own
            self.customResources = customResources
        }
    }

    /// How one cache stands.
    public struct Report: Sendable, Hashable {
        /// The resource, such as `deployments.apps`.
        public let resource: GroupResource
        /// How many objects are known.
        public let count: Int
        /// How it stands with the API server.
        public let state: CacheState
    }

    private let nodeCache: ResourceCache<NodeProjection>
    private let podCache: ResourceCache<PodProjection>
    private let namespaceCache: ResourceCache<NamespaceProjection>
    private let definitionCache: ResourceCache<CustomResourceDefinitionProjection>
    private let eventCache: ResourceCache<EventProjection>
    private let serviceCache: ResourceCache<ServiceProjection>
    private let deploymentCache: ResourceCache<DeploymentProjection>
    private let configMapCache: ResourceCache<ConfigMapProjection>
    private let secretCache: ResourceCache<SecretProjection>
    private let customCaches: CustomResourceCaches

    /// Caches that are empty until they run.
    ///
    /// - Parameters:
    ///   - now: the time, by which knowledge ages.
    ///   - nodeObserver: told of each node that is known otherwise than before.
    ///   - podObserver: told of each pod that is known otherwise than before.
    ///   - deploymentObserver: told of each deployment that is known otherwise than before.
    ///   - customResourceObserver: told of each custom resource that is known otherwise than before.
    ///   - onChange: told whenever something is known otherwise than before; it must not wait for anything.
    public init(
        client: KubernetesClient,
        settings: Settings = Settings(),
        now: @escaping @Sendable () -> Timestamp = Timestamp.now,
        nodeObserver: CacheObserver<NodeProjection>? = nil,
        podObserver: CacheObserver<PodProjection>? = nil,
        deploymentObserver: CacheObserver<DeploymentProjection>? = nil,
        customResourceObserver: CustomResourceObserver? = nil,
        onChange: @escaping @Sendable () -> Void = {}
    ) {
        func cache<P: Projection>(
            _ group: String,
            _ resource: String,
            _ labels: LabelSelector = .everything,
            isMarked: @escaping @Sendable (P) -> Bool = { _ in false },
            observer: CacheObserver<P>? = nil,
            onChange: @escaping @Sendable () -> Void = onChange
        ) -> ResourceCache<P> {
            ResourceCache(
                client,
                GroupVersionResource(group: group, version: "v1", resource: resource),
                ObjectSelection(labels: labels),
                settings: settings.watch,
                now: now,
                isMarked: isMarked,
                observer: observer,
                onChange: onChange
            )
        }
        let custom = CustomResourceCaches(
            client,
            settings.customResources,
            settings.watch,
            now,
            observer: customResourceObserver,
            onChange: onChange
        )
        customCaches = custom
        nodeCache = cache("", "nodes", observer: nodeObserver)
        let operatorLabels = settings.operatorLabels
        podCache = cache(
            "",
            "pods",
            isMarked: { pod in operatorLabels.contains { pod.metadata.labels[$0.key] == $0.value } },
            observer: podObserver
        )
        namespaceCache = cache("", "namespaces")
        definitionCache = cache(
            "apiextensions.k8s.io",
            "customresourcedefinitions",
            onChange: {
                custom.definitionsChanged()
                onChange()
            }
        )
        eventCache = cache("", "events")
        serviceCache = cache("", "services")
        deploymentCache = cache("apps", "deployments", observer: deploymentObserver)
        configMapCache = cache("", "configmaps", settings.configMaps)
        secretCache = cache("", "secrets", settings.secrets)
    }

    /// Keeps the caches up to date until the task is cancelled.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.nodeCache.run() }
            group.addTask { await self.podCache.run() }
            group.addTask { await self.namespaceCache.run() }
            group.addTask { await self.definitionCache.run() }
            group.addTask { await self.eventCache.run() }
            group.addTask { await self.serviceCache.run() }
            group.addTask { await self.deploymentCache.run() }
            group.addTask { await self.configMapCache.run() }
            group.addTask { await self.secretCache.run() }
            group.addTask { await self.customCaches.run { self.definitions } }
        }
    }

    // MARK: Reading

    /// The nodes.
    public var nodes: CacheSnapshot<NodeProjection> { nodeCache.snapshot }
    /// The pods.
    public var pods: CacheSnapshot<PodProjection> { podCache.snapshot }
    /// The pods that have one of the operators' labels.
    public var operatorPods: some Sequence<PodProjection> { podCache.snapshot.markedObjects }
    /// The namespaces.
    public var namespaces: CacheSnapshot<NamespaceProjection> { namespaceCache.snapshot }
    /// The custom resource definitions.
    public var definitions: CacheSnapshot<CustomResourceDefinitionProjection> { definitionCache.snapshot }
    /// The events.
    public var events: CacheSnapshot<EventProjection> { eventCache.snapshot }
    /// The services.
    public var services: CacheSnapshot<ServiceProjection> { serviceCache.snapshot }
    /// The deployments.
    public var deployments: CacheSnapshot<DeploymentProjection> { deploymentCache.snapshot }
    /// The config maps that are kept.
    public var configMaps: CacheSnapshot<ConfigMapProjection> { configMapCache.snapshot }
    /// The secrets that are kept, without their values.
    public var secrets: CacheSnapshot<SecretProjection> { secretCache.snapshot }
    /// The objects of a custom resource; nil when it is not kept or not defined.
    public func customResources(_ resource: GroupResource) -> CacheSnapshot<CustomResourceProjection>? {
        customCaches[resource]
    }

    /// How the caches of custom resources stand that are defined: that of one whose definition has just come not before its objects
    /// have been listed, or could not be; not known before it is known which are defined.
    public func customResourceStates(of resources: [GroupResource]) -> [CacheState] {
        customCaches.states(of: resources)
    }

    /// How each cache stands, those of custom resources that are defined included.
    public var reports: [Report] {
        [
            report(nodeCache), report(podCache), report(namespaceCache), report(definitionCache),
            report(eventCache),
            report(serviceCache), report(deploymentCache), report(configMapCache), report(secretCache),
        ] + customCaches.reports
    }

    private func report<P: Projection>(_ cache: ResourceCache<P>) -> Report {
        let snapshot = cache.snapshot
        return Report(resource: cache.resource.groupResource, count: snapshot.count, state: snapshot.state)
    }
}
