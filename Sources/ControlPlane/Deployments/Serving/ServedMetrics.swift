import HTTPClient
import HTTPTypes
import JSON
import Kubernetes
import KubernetesModel
import Runtimes

/// What the programs of a deployment tell of themselves.
public enum ServedMetrics: Sendable {
    /// The samples with finite values, under the names that the engine has, and then under those that the front end knows.
    case samples([MetricSample])
    /// Nothing could be had; why, for people.
    case unavailable(String)

    /// The most bytes of metrics: vLLM tells about 100 KB.
    private static let largest = 16 << 20
    private static let patience = Duration.seconds(5)

    /// Asks a deployment for its metrics, by way of the API server, so that it does not matter whether Ingot runs in the cluster.
    public static func of(_ record: DeploymentRecord, in cluster: ClusterAccess) async -> ServedMetrics {
        let reading = record.reading
        guard let endpoint = Runtimes.runtime(reading.runtime)?.metricsEndpoint(of: reading) else {
            return .unavailable("the deployment \(reading.name) has no service that has metrics")
        }
        guard let client = cluster.client else { return .unavailable("no cluster is configured") }
        do throws(KubernetesError) {
            let answer = try await client.passOn(
                .service(endpoint.service, port: String(endpoint.port), namespace: reading.namespace),
                method: .get,
                path: "/metrics",
                headers: [.accept: "text/plain; version=0.0.4, text/plain; q=0.5"],
                deadlines: HTTPClientDeadlines(connect: patience, total: patience)
            )
            guard answer.status == .ok else { return refused(answer.status, by: endpoint) }
            let samples = PrometheusText.samples(try await answer.body.collect(upTo: largest))
            guard !samples.isEmpty else {
                return .unavailable("\(endpoint) answers at /metrics, but not with metrics")
            }
            return .samples(MetricAliases.added(to: samples).filter(\.value.isFinite))
        } catch {
            return .unavailable(reason(error, record, endpoint))
        }
    }

    private static func refused(
        _ status: HTTPResponse.Status,
        by endpoint: ServiceEndpoint
    ) -> ServedMetrics {
        switch status.code {
        case 404, 501: .unavailable("\(endpoint) has no metrics: it answers /metrics with \(status.code)")
        default: .unavailable("\(endpoint) answers /metrics with \(status.code)")
        }
    }

    private static func reason(
        _ error: KubernetesError,
        _ record: DeploymentRecord,
        _ endpoint: ServiceEndpoint
    ) -> String {
        let phase = record.standing.phase
        let standing = phase == .running ? "" : "; the deployment is \(phase.rawValue)"
        if error.isNotFound { return "the service \(endpoint.service) does not exist\(standing)" }
        return "\(endpoint) cannot be asked: \(error)\(standing)"
    }
}
