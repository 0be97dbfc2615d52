import Kubernetes
import Runtimes

/// What the programs of a deployment tell of themselves.
public enum ServedMetrics: Sendable {
    /// The samples with finite values, under the names that the engine has, and then under those that the front end knows; and who
    /// told them, nil where one program tells what all do.
    case samples([MetricSample], Replicas?)
    /// Nothing could be had; why, for people.
    case unavailable(String)

    /// The replicas whose values are put together.
    public struct Replicas: Sendable, Hashable {
        /// How many are ready.
        public let ready: Int
        /// How many of these have told their metrics.
        public let answered: Int
    }

    /// Asks a deployment for its metrics, by way of the API server, so that it does not matter whether Ingot runs in the cluster. Where
    /// each of its pods tells what it does itself, all that are ready are asked.
    public static func of(_ record: DeploymentRecord, in cluster: ClusterAccess) async -> ServedMetrics {
        let reading = record.reading
        let runtime = Runtimes.runtime(reading.runtime)
        guard let endpoint = runtime?.metricsEndpoint(of: reading) else {
            return .unavailable("the deployment \(reading.name) has no service that has metrics")
        }
        guard let client = cluster.client else { return .unavailable("no cluster is configured") }
        let ready = record.pods.filter { $0.isReady && !$0.isOver && !$0.isBeingDeleted }
        let port = runtime?.metricsPort(of: reading)
        let namespace = reading.namespace
        guard let port, ready.count > 1 else {
            let source = MetricSource(
                client: client,
                target: .service(endpoint.service, port: String(endpoint.port), namespace: namespace),
                name: "\(endpoint)"
            )
            switch await source.samples() {
            case .success(let samples):
                return complete([samples], port.map { _ in Replicas(ready: ready.count, answered: 1) })
            case .failure(let failure):
                return .unavailable(reason(failure, record, endpoint))
            }
        }
        let sources = ready.prefix(mostPods).map { pod in
            MetricSource(
                client: client,
                target: .pod(pod.name, port: String(port), namespace: namespace),
                name: pod.name
            )
        }
        let outcomes = await MetricSource.samples(of: sources)
        let told = outcomes.compactMap { try? $0.get() }
        if told.isEmpty, case .failure(let failure)? = outcomes.first { return .unavailable(failure.reason) }
        return complete(told, Replicas(ready: ready.count, answered: told.count))
    }

    /// More pods are not asked.
    private static let mostPods = 64

    private static func complete(_ told: [[MetricSample]], _ replicas: Replicas?) -> ServedMetrics {
        .samples(MetricAliases.added(to: MetricTotals.of(told)).filter(\.value.isFinite), replicas)
    }

    private static func reason(
        _ failure: MetricSource.Failure,
        _ record: DeploymentRecord,
        _ endpoint: ServiceEndpoint
    ) -> String {
        let phase = record.standing.phase
        let standing =
            phase == .running || !failure.isUnreached ? "" : "; the deployment is \(phase.rawValue)"
        if failure.isMissing { return "the service \(endpoint.service) does not exist\(standing)" }
        return failure.reason + standing
    }
}
