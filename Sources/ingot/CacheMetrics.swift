import ControlPlane
import JSON
import Kubernetes
import KubernetesModel
import Telemetry

/// What `GET /metrics` tells of the knowledge of the cluster.
enum CacheMetrics {
    /// Registers the metrics of each cache, those of the runtimes' custom resources too, which have no value until there is one.
    static func register(_ caches: ClusterCaches, in registry: PrometheusRegistry) {
        let resources = Set(caches.reports.map(\.resource) + RuntimeResources.all.map(\.groupResource))
        let names = resources.map(\.description).sorted()
        let metrics = names.flatMap { name in
            let labels = [("resource", name)]
            return [
                PrometheusComputedMetric(
                    "kubernetes_cache_objects",
                    .gauge,
                    help: "Objects of the cluster that are known, by resource.",
                    labels: labels
                ),
                PrometheusComputedMetric(
                    "kubernetes_cache_connected",
                    .gauge,
                    help: "Whether changes of the resource come in as they happen: 1 or 0.",
                    labels: labels
                ),
                PrometheusComputedMetric(
                    "kubernetes_cache_age_seconds",
                    .gauge,
                    help: "How old the knowledge of the resource may be, in seconds.",
                    labels: labels
                ),
            ]
        }
        registry.register(metrics) {
            let now = Timestamp.now()
            var reports: [String: ClusterCaches.Report] = [:]
            for report in caches.reports { reports[report.resource.description] = report }
            return names.flatMap { name -> [Double?] in
                guard let report = reports[name], !report.state.isUnavailable else { return [nil, nil, nil] }
                return [Double(report.count), report.state.isConnected ? 1 : 0, report.state.age(at: now)]
            }
        }
    }
}
