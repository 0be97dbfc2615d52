import ControlPlane
import JSON
import Kubernetes
import KubernetesModel

/// The answer of `GET /api/cluster/status`: the documented keys, and those that the web front end reads.
struct ClusterStatus: JSONObject {
    let cluster: ClusterAccess
    let now: Timestamp
    let provider: Provider?
    let installation: ProviderInstallation?
    let problem: String?
    let isConnected: Bool

    init(_ cluster: ClusterAccess, now: Timestamp) {
        self.cluster = cluster
        self.now = now
        isConnected = cluster.isConnected
        problem = cluster.problem(at: now)
        let provider = cluster.activeProvider.flatMap { Provider.of($0) } ?? Provider.standard
        self.provider = provider
        installation = provider.flatMap { provider in
            cluster.caches.flatMap { ProviderInstallation(provider, $0) }
        }
    }

    static let schemaName = "ClusterStatus"
    static let fields: [JSONField<ClusterStatus>] = [
        .init("connected", "Whether the API server answers") { $0.isConnected },
        .init("namespace", "Where deployments go by default", example: "kubefoundry") {
            $0.cluster.defaultNamespace
        },
        .init("clusterName", "The kubeconfig's context", example: "ingot") { $0.cluster.name },
        .nullable("providerId", "The provider that is used by default", example: "dynamo") {
            $0.provider?.id
        },
        .init("providerInstalled", "Whether that provider is known to be usable") {
            $0.installation?.isInstalled ?? false
        },
        .nullable("provider", "The provider that is used by default") {
            $0.provider.map(ProviderReference.init)
        },
        .nullable(
            "providerInstallation",
            "Whether that provider is installed, piece by piece; null while that is not known"
        ) {
            $0.installation.map(ProviderInstallationBody.init)
        },
        .nullable("error", "Why the cluster cannot be relied on; null when all is well") { $0.problem },
        .init("simulated", "Whether the nodes are simulated, because the cluster is the embedded one") {
            status in
            status.cluster.isSimulated
        },
        .nullable(
            "ageSeconds",
            "How old the oldest knowledge may be; null when something has not been read yet"
        ) { status in
            status.ageSeconds
        },
        .init("caches", "How the knowledge of each resource stands") { status in
            (status.cluster.caches?.reports ?? []).map { CacheReport(report: $0, now: status.now) }
        },
    ]

    private var ageSeconds: Double? {
        guard let reports = cluster.caches?.reports.filter({ !$0.state.isUnavailable }) else { return nil }
        let ages = reports.compactMap { $0.state.age(at: now) }
        return ages.count == reports.count ? ages.max() : nil
    }
}

/// A provider, named.
struct ProviderReference: JSONObject {
    let provider: Provider

    static let schemaName = "ProviderReference"
    static let fields: [JSONField<ProviderReference>] = [
        .init("id", "The id", example: "dynamo") { $0.provider.id },
        .init("name", "The name", example: "NVIDIA Dynamo") { $0.provider.name },
    ]
}

/// Whether a provider is installed.
struct ProviderInstallationBody: JSONObject {
    let installation: ProviderInstallation

    static let schemaName = "ProviderInstallation"
    static let fields: [JSONField<ProviderInstallationBody>] = [
        .init("installed", "Whether it can be used") { $0.installation.isInstalled },
        .init("crdFound", "Whether its custom resources are defined") { $0.installation.isDefined },
        .init("operatorRunning", "Whether its operator is ready") { $0.installation.isOperatorReady },
        .init("message", "The state in a sentence", example: "Dynamo is installed and running") {
            $0.installation.message
        },
    ]
}

/// How the knowledge of one resource stands.
struct CacheReport: JSONObject {
    let report: ClusterCaches.Report
    let now: Timestamp

    static let schemaName = "CacheState"
    static let fields: [JSONField<CacheReport>] = [
        .init("resource", "The resource", example: "deployments.apps") { $0.report.resource.description },
        .init("synced", "Whether all objects have been read") { $0.report.state.isSynced },
        .init("connected", "Whether changes come in as they happen") { $0.report.state.isConnected },
        .init("available", "Whether the API server has the resource and lets it be read") { report in
            !report.report.state.isUnavailable
        },
        .init("objects", "How many objects are known", example: 4) { $0.report.count },
        .nullable("ageSeconds", "How old the knowledge may be; null when there is none") { report in
            report.report.state.age(at: report.now)
        },
        .nullable("error", "Why changes do not come in; null when they do") { report in
            report.report.state.lastError.map { "\($0)" }
        },
    ]
}
