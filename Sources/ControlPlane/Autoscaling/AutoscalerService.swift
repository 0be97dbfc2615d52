public import JSON
public import Kubernetes
import KubernetesModel

/// What makes a cluster larger and smaller, and how it stands.
public struct AutoscalerDetection: Sendable, Hashable {
    /// What kind of autoscaler it is.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// There is none.
        case none
        /// The one that Azure runs for its node pools.
        case azureManaged = "aks-managed"
        /// The Kubernetes cluster autoscaler.
        case clusterAutoscaler = "cluster-autoscaler"
        /// Karpenter.
        case karpenter
        /// Whether there is one cannot be told.
        case unknown
    }

    /// What kind of autoscaler it is.
    public let kind: Kind
    /// Whether it works, as far as that can be seen.
    public let isHealthy: Bool
    /// The matter in a sentence.
    public let message: String
    /// How many groups of nodes it cares for; nil where that is not known.
    public let groupCount: Int?

    /// Whether there is one.
    public var isDetected: Bool { kind != .none && kind != .unknown }
}

/// How an autoscaler stands, by its own account.
public struct AutoscalerStatus: Sendable, Hashable {
    /// `Healthy`, `Unhealthy`, or what else the autoscaler says of the whole cluster.
    public let health: String
    /// When it said so; nil where it does not say.
    public let time: Timestamp?
    /// The groups of nodes that it cares for.
    public let groups: [ScaledNodeGroup]
}

/// Finds out what makes the cluster larger and smaller. It reads caches only.
public final class AutoscalerService: Sendable {
    private let caches: ClusterCaches
    private let report: WatchedObjects<AutoscalerReport>

    /// How long the cluster autoscaler may be silent: it writes every ten seconds unless it is told otherwise.
    private static let longestSilence = 300.0

    /// A service for a cluster; nothing is known until it runs.
    public init(client: KubernetesClient, caches: ClusterCaches) {
        self.caches = caches
        report = WatchedObjects(
            client,
            GroupVersionResource(version: "v1", resource: "configmaps"),
            namespace: AutoscalerReport.namespace,
            ObjectSelection(
                fields: FieldSelector([.init(path: "metadata.name", value: AutoscalerReport.configMap)])
            )
        ) { object in object.json["data"]?["status"]?.stringValue.flatMap { AutoscalerReport($0) } }
    }

    /// Keeps what is known up to date until the task is cancelled.
    public func run() async {
        await report.run()
    }

    /// How the knowledge of the cluster autoscaler's own account stands.
    var reportState: CacheState { report.snapshot.state }

    /// How the knowledge stands that the answers are made from.
    public var states: [CacheState] {
        let reportState = report.snapshot.state
        let known = [caches.nodes.state, caches.deployments.state, caches.definitions.state]
        return known + (reportState.isUnavailable ? [] : [reportState])
    }

    // MARK: Answers

    /// What makes the cluster larger and smaller.
    public func detection(at now: Timestamp) -> AutoscalerDetection {
        let pools = nodePools
        if !pools.isEmpty { return Self.karpenter(pools) }
        let report = report.snapshot.values.values.first
        let managed = azureGroups
        if let report { return Self.reported(report, isAzure: managed != nil, at: now) }
        if let managed, !managed.isEmpty {
            return AutoscalerDetection(
                kind: .azureManaged,
                isHealthy: true,
                message: "Azure scales \(Self.groups(managed.count))",
                groupCount: managed.count
            )
        }
        if let deployment = autoscalerDeployment { return Self.deployed(deployment) }
        let state = self.report.snapshot.state
        if state.isUnavailable {
            return AutoscalerDetection(
                kind: .unknown,
                isHealthy: false,
                message: "whether there is an autoscaler cannot be told: "
                    + (state.lastError.map { "\($0)" } ?? "its status may not be read"),
                groupCount: nil
            )
        }
        return AutoscalerDetection(
            kind: .none,
            isHealthy: false,
            message: "No cluster autoscaler detected",
            groupCount: nil
        )
    }

    /// How the autoscaler stands, by its own account; nil where none gives one.
    public func status() -> AutoscalerStatus? {
        let pools = nodePools
        if !pools.isEmpty {
            let isHealthy = pools.allSatisfy { $0.isHealthy != false }
            return AutoscalerStatus(health: isHealthy ? "Healthy" : "Unhealthy", time: nil, groups: pools)
        }
        return report.snapshot.values.values.first.map {
            AutoscalerStatus(health: $0.health, time: $0.time, groups: $0.groups)
        }
    }

    // MARK: Kinds

    private static func karpenter(_ pools: [ScaledNodeGroup]) -> AutoscalerDetection {
        let unready = pools.filter { $0.isHealthy == false }.map(\.name)
        let message =
            unready.isEmpty
            ? "Karpenter scales \(groups(pools.count, "node pool"))"
            : "Karpenter's node pools are not ready: \(unready.joined(separator: ", "))"
        return AutoscalerDetection(
            kind: .karpenter,
            isHealthy: unready.isEmpty,
            message: message,
            groupCount: pools.count
        )
    }

    private static func reported(_ report: AutoscalerReport, isAzure: Bool, at now: Timestamp)
        -> AutoscalerDetection
    {
        let age = report.time.map { now.seconds(since: $0) }
        let isSilent = age.map { $0 > longestSilence } ?? false
        let isHealthy = !isSilent && report.health != "Unhealthy"
        let name = isAzure ? "Azure's cluster autoscaler" : "Cluster autoscaler"
        let message =
            if isSilent, let age {
                "\(name) has not reported for \(Int(age)) s"
            } else if !isHealthy {
                "\(name) says that the cluster is unhealthy"
            } else {
                "\(name) is running with \(groups(report.groups.count))"
            }
        return AutoscalerDetection(
            kind: isAzure ? .azureManaged : .clusterAutoscaler,
            isHealthy: isHealthy,
            message: message,
            groupCount: report.groups.count
        )
    }

    private static func deployed(_ deployment: DeploymentProjection) -> AutoscalerDetection {
        let isHealthy = deployment.replicas > 0 && deployment.readyReplicas >= deployment.replicas
        let state = "\(deployment.readyReplicas) of \(deployment.replicas) replicas are ready"
        return AutoscalerDetection(
            kind: .clusterAutoscaler,
            isHealthy: isHealthy,
            message: "Cluster autoscaler is deployed: \(state)",
            groupCount: nil
        )
    }

    private static func groups(_ count: Int, _ name: String = "node group") -> String {
        "\(count) \(name)\(count == 1 ? "" : "s")"
    }

    // MARK: Objects

    /// Karpenter's node pools, by name; each has the nodes that bear its label (karpenter.sh: Node Pools, Well-Known Labels).
    private var nodePools: [ScaledNodeGroup] {
        let resource = ScalingResources.nodePools.groupResource
        guard let pools = caches.customResources(resource), pools.count > 0 else { return [] }
        var counts: [String: Int] = [:]
        for node in caches.nodes.objects {
            if let pool = node.metadata.labels["karpenter.sh/nodepool"] { counts[pool, default: 0] += 1 }
        }
        return pools.objects
            .map { pool in
                let object = pool.object
                let limit = object.spec["limits"]?["nodes"]
                let replicas = object.spec["replicas"]?.integerValue.flatMap { Int(exactly: $0) }
                return ScaledNodeGroup(
                    name: object.name,
                    minimum: replicas ?? 0,
                    maximum: limit?.stringValue.flatMap { Int($0) }
                        ?? limit?.integerValue.flatMap { Int(exactly: $0) } ?? replicas,
                    current: counts[object.name] ?? 0,
                    isHealthy: object.condition("Ready")?["status"]?.stringValue.map { $0 == "True" }
                )
            }
            .sorted { $0.name < $1.name }
    }

    /// The node pools that Azure scales, by name; nil when the nodes are not Azure's.
    private var azureGroups: Set<String>? {
        var isAzure = false
        var groups: Set<String> = []
        for node in caches.nodes.objects {
            let labels = node.metadata.labels
            guard
                labels["kubernetes.azure.com/cluster"] != nil
                    || node.providerID.lowercased().hasPrefix("azure://")
            else { continue }
            isAzure = true
            guard labels["cluster-autoscaler.kubernetes.io/enabled"] == "true" else { continue }
            groups.insert(labels["kubernetes.azure.com/agentpool"] ?? labels["agentpool"] ?? "")
        }
        return isAzure ? groups : nil
    }

    /// The Deployment that runs the cluster autoscaler: by its label, else by its name.
    private var autoscalerDeployment: DeploymentProjection? {
        let name = "cluster-autoscaler"
        let candidates = caches.deployments.objects.filter { deployment in
            deployment.metadata.namespace == AutoscalerReport.namespace
                && (deployment.metadata.labels["app"] == name || deployment.metadata.name.contains(name))
        }
        return candidates.min { left, right in
            let isLeftLabelled = left.metadata.labels["app"] == name
            let isRightLabelled = right.metadata.labels["app"] == name
            return isLeftLabelled != isRightLabelled
                ? isLeftLabelled : left.metadata.name < right.metadata.name
        }
    }
}

/// The custom resources by which nodes are scaled.
enum ScalingResources {
    /// Karpenter's node pools.
    static let nodePools = GroupVersionResource(group: "karpenter.sh", version: "v1", resource: "nodepools")
}
