import HTTPClient
public import HTTPTypes
import JSON
public import Kubernetes
import Runtimes

/// Why a deployment's model was not asked, or gave no answer.
public enum ServingFailure: Error, Sendable {
    /// It does not serve just now, or nobody knows where; for people.
    case notServing(String)
    /// The API server did not pass the request on, or not to its end.
    case kubernetes(KubernetesError)
    /// There is no cluster to ask.
    case unavailable(ClusterUnavailable)
}

/// The model of a deployment that serves, asked by way of the API server, so that it does not matter whether Ingot runs in the
/// cluster.
public struct ServedModel: Sendable {
    private let client: KubernetesClient
    private let target: ProxyTarget
    private let prefix: String
    private let record: DeploymentRecord

    /// The model that a deployment serves.
    ///
    /// - Throws: `ServingFailure` when it does not serve.
    public init(_ record: DeploymentRecord, in cluster: ClusterAccess) throws(ServingFailure) {
        let (reading, standing) = (record.reading, record.standing)
        guard standing.phase == .running else {
            let why = standing.message.isEmpty ? "" : ": \(standing.message)"
            throw .notServing(
                "the deployment \(reading.name) is \(standing.phase.rawValue), not Running\(why)"
            )
        }
        guard let endpoint = reading.endpoint else {
            throw .notServing("the deployment \(reading.name) has no service that answers")
        }
        guard let client = cluster.client else {
            throw .unavailable(ClusterUnavailable(reason: "no cluster is configured"))
        }
        self.client = client
        self.record = record
        target = .service(endpoint.service, port: String(endpoint.port), namespace: reading.namespace)
        prefix = endpoint.path
    }

    /// Passes a request on. The answer's body comes as the model writes it; when nobody refers to it any more, or the task is
    /// cancelled, the model's server sees its client go.
    ///
    /// - Parameters:
    ///   - path: the path, percent-encoded, such as `/v1/models`.
    ///   - parameters: the query's.
    public func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        parameters: [(String, String)] = [],
        headers: HTTPFields = [:],
        body: [UInt8] = []
    ) async throws(ServingFailure) -> ProxiedAnswer {
        let query = parameters.isEmpty ? "" : "?" + PercentEncoding.query(parameters)
        do {
            return try await client.passOn(
                target,
                method: method,
                path: prefix + path + query,
                headers: headers,
                body: body.isEmpty ? .none : .bytes(body)
            )
        } catch {
            throw .kubernetes(error)
        }
    }

    /// What the model's server calls the model: what the deployment says, else the first name that the server has, else the
    /// model's id.
    public func name() async -> String {
        guard record.reading.servedName.isEmpty else { return record.reading.servedName }
        return await firstName() ?? record.reading.modelID
    }

    private func firstName() async -> String? {
        let deadlines = HTTPClientDeadlines(connect: .seconds(5), total: .seconds(5))
        let answer = try? await client.passOn(
            target,
            method: .get,
            path: prefix + "/v1/models",
            deadlines: deadlines
        )
        guard let answer, answer.status == .ok, let bytes = try? await answer.body.collect(upTo: 1 << 20)
        else { return nil }
        let name = (try? JSONValue(parsing: bytes))?["data"]?[0]?["id"]?.stringValue
        return name?.isEmpty == true ? nil : name
    }
}
