import HTTPClient
import HTTPTypes
import Kubernetes

/// A program that tells its metrics at `/metrics`, as text that Prometheus reads.
struct MetricSource: Sendable {
    let client: KubernetesClient
    let target: ProxyTarget
    /// What it is called in a failure.
    let name: String

    /// Why there are no samples.
    struct Failure: Error {
        let reason: String
        /// Whether nothing has answered.
        var isUnreached = false
        /// Whether there is no such service or pod.
        var isMissing = false
    }

    /// The most bytes of metrics: vLLM tells about 100 KB.
    private static let largest = 16 << 20
    private static let patience = Duration.seconds(5)
    /// How many are asked at the same time.
    private static let together = 16

    func samples(within patience: Duration = patience) async -> Result<[MetricSample], Failure> {
        do throws(KubernetesError) {
            let answer = try await client.passOn(
                target,
                method: .get,
                path: "/metrics",
                headers: [.accept: "text/plain; version=0.0.4, text/plain; q=0.5"],
                deadlines: HTTPClientDeadlines(connect: patience, total: patience)
            )
            guard answer.status == .ok else {
                let code = answer.status.code
                let isUnknown = code == 404 || code == 501
                let text =
                    isUnknown
                    ? "\(name) has no metrics: it answers /metrics with \(code)"
                    : "\(name) answers /metrics with \(code)"
                return .failure(Failure(reason: text))
            }
            let samples = PrometheusText.samples(try await answer.body.collect(upTo: Self.largest))
            guard !samples.isEmpty else {
                return .failure(Failure(reason: "\(name) answers at /metrics, but not with metrics"))
            }
            return .success(samples)
        } catch {
            let reason = "\(name) cannot be asked: \(error)"
            return .failure(Failure(reason: reason, isUnreached: true, isMissing: error.isNotFound))
        }
    }

    /// What several tell, in their order; all of them together have as long as one.
    static func samples(of sources: [MetricSource]) async -> [Result<[MetricSample], Failure>] {
        let clock = ContinuousClock()
        let end = clock.now + patience
        return await withTaskGroup(of: (Int, Result<[MetricSample], Failure>).self) { group in
            func ask(_ index: Int) {
                group.addTask {
                    let left = clock.now.duration(to: end)
                    guard left > .zero else {
                        let reason = "\(sources[index].name) was not asked in time"
                        return (index, .failure(Failure(reason: reason, isUnreached: true)))
                    }
                    return (index, await sources[index].samples(within: left))
                }
            }
            var next = min(together, sources.count)
            for index in 0..<next { ask(index) }
            var outcomes: [(Int, Result<[MetricSample], Failure>)] = []
            for await outcome in group {
                outcomes.append(outcome)
                if next < sources.count {
                    ask(next)
                    next += 1
                }
            }
            return outcomes.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}
