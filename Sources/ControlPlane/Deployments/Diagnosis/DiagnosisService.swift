import HuggingFace
public import JSON
import Kubernetes
import KubernetesModel
public import Runtimes

/// Tells why deployments do not run, by what the caches know and what the API server tells at once.
public struct DiagnosisService: Sendable {
    /// The cluster that they run in.
    public let cluster: ClusterAccess
    let models: ModelSources

    /// A service for a cluster.
    public init(cluster: ClusterAccess, models: ModelSources) {
        self.cluster = cluster
        self.models = models
    }

    /// All that may keep a deployment from serving, the answer first; there is always at least one.
    ///
    /// What the API server or the Hub does not tell within two seconds is left out.
    public func diagnose(_ record: DeploymentRecord, now: Timestamp = .now()) async -> [Diagnosis] {
        Diagnosis.all(await facts(of: record, now: now))
    }

    /// Why pods of a deployment wait for a place, the newest reason first.
    public func pendingReasons(_ record: DeploymentRecord) -> [PendingReason] {
        PendingReason.all(DeploymentEvents(cluster).events(of: record), of: record.pods)
    }

    // MARK: Facts

    func facts(of record: DeploymentRecord, now: Timestamp) async -> DiagnosisFacts {
        let reading = record.reading
        var facts = DiagnosisFacts(reading, record.pods, now: now)
        if let object = object(of: reading) {
            facts.deletionRequested = object.deletionTimestamp
            facts.finalizers = object.finalizers
        }
        // What serves needs no more than a word.
        guard facts.standing.phase != .running else { return facts }
        facts.events = DeploymentEvents(cluster).events(of: record)
        facts.runtime = cluster.caches.flatMap { RuntimePresence(of: reading.runtime, $0) }
        if let caches = cluster.caches, caches.nodes.state.isSynced, caches.pods.state.isSynced {
            let resource = reading.spec?.resources.gpuResource ?? WorkerResources().gpuResource
            facts.gpus = GPUAvailability(of: resource, cluster.inventory.snapshot)
            facts.nodesReady = Dictionary(
                caches.nodes.objects.map { ($0.metadata.name, $0.isReady) },
                uniquingKeysWith: { first, _ in first }
            )
            facts.selectedNodes = reading.spec.map { selectedNodes(of: $0, caches) }
        }
        if !reading.isBeingDeleted { facts.fit = await fit(of: record) }
        guard let client = cluster.client else { return facts }
        let reads = DiagnosisReads(client: client, namespace: reading.namespace)
        let pods = record.pods
        let secret = reading.spec?.tokenSecret
        async let quotas = reads.quotas()
        async let secrets = reads.secrets(secret.map { [$0] } ?? [])
        async let logs = reads.logs(of: pods)
        async let isGated = isGated(reading)
        facts.quotas = await quotas
        facts.secrets = await secrets
        facts.logs = await logs
        facts.isModelGated = await isGated
        return facts
    }

    private func selectedNodes(of spec: DeploymentSpec, _ caches: ClusterCaches) -> SelectedNodes {
        let selector = spec.nodeSelector.merging(spec.kaito.labelSelector) { own, _ in own }
        var nodes = SelectedNodes(count: 0, notReady: 0, cordoned: 0)
        for node in caches.nodes.objects
        where selector.allSatisfy({ node.metadata.labels[$0.key] == $0.value }) {
            nodes.count += 1
            nodes.notReady += node.isReady ? 0 : 1
            nodes.cordoned += node.isUnschedulable ? 1 : 0
        }
        return nodes
    }

    /// The object that stands for a deployment, as it is known.
    private func object(of reading: DeploymentReading) -> KubernetesObject? {
        guard let caches = cluster.caches, let runtime = Runtimes.runtime(reading.runtime) else { return nil }
        let key = ResourceKey(namespace: reading.namespace, name: reading.name)
        if runtime.primary == .deployment { return caches.deployments[key]?.object }
        return caches.customResources(runtime.primary.groupResource)?[key]?.object
    }

    /// Whether the Hub gives the model only to those whom its owners let have it; nil when that is not known.
    private func isGated(_ reading: DeploymentReading) async -> Bool? {
        guard let spec = reading.spec, spec.model.path == nil, spec.tokenSecret == nil else { return nil }
        if let known = models.catalog.model(spec.model.id) { return known.isGated }
        guard let hub = models.hub, let id = RepositoryID(spec.model.id) else { return nil }
        return await within(DiagnosisReads.patience) {
            try? await hub.metadata.metadata(of: id).model.isRestricted
        }
    }
}
