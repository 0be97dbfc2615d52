import ControlPlane
import HTTPServer
import HTTPTypes
import JSON
import Kubernetes
import KubernetesModel
import Runtimes

/// Finds the deployment that a path and a query name.
struct DeploymentLookup {
    let cluster: ClusterAccess

    /// The parameters of every route of one deployment.
    static let parameters: [Route.Parameter] = [
        .init(.path, "name", "The deployment's name", schema: .string),
        namespace("The namespace; may be left out when only one namespace has a deployment of that name"),
        .init(
            .query,
            "provider",
            "The runtime, where several have a deployment of that name in the namespace",
            schema: .enumeration(RuntimeID.allCases.map(\.rawValue))
        ),
    ]

    /// What every route of one deployment may answer.
    static let failures: [Route.Answer] = [
        .init(400, "A parameter is missing or has a value that it cannot have.", json: ErrorBody.self),
        .init(404, "There is no such deployment.", json: ErrorBody.self),
        .init(409, "Several runtimes have a deployment of that name.", json: ErrorBody.self),
        .init(503, "The cluster has not been read yet.", json: ErrorBody.self),
    ]

    /// What namespaces are called.
    static let namespaceSchema = JSONSchema.string(pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")

    static func namespace(_ description: String) -> Route.Parameter {
        .init(
            .query,
            "namespace",
            description,
            schema: namespaceSchema
        )
    }

    /// The namespace that a query names; nil for none.
    static func namespace(_ query: QueryParameters) throws(HTTPError) -> String? {
        guard let namespace = query["namespace"] else { return nil }
        guard NameSyntax.isSubdomain(namespace), namespace.utf8.count <= 63, !namespace.contains(".") else {
            throw .badParameter(
                "namespace",
                "expected lowercase letters, digits and hyphens, at most 63"
            )
        }
        return namespace
    }

    /// The deployments as they are known, with their age in the answer.
    func known(_ response: inout Response) throws(HTTPError) -> DeploymentSnapshot {
        try response.add(ageOf: cluster.deploymentStates, "deployments", in: cluster)
        return cluster.deployments.snapshot
    }

    /// The deployment that is meant.
    func find(
        _ request: borrowing Request,
        _ response: inout Response
    ) throws(HTTPError) -> DeploymentRecord {
        let name = request.parameters["name"] ?? ""
        let query = request.query
        let namespace = try Self.namespace(query)
        var found = try known(&response).named(name, namespace: namespace)
        if let provider = query["provider"] {
            guard let runtime = RuntimeID(rawValue: provider) else {
                throw .badParameter(
                    "provider",
                    "expected \(RuntimeID.allCases.map(\.rawValue).alternatives)"
                )
            }
            found = found.filter { $0.reading.runtime == runtime }
        }
        guard let record = found.first else { throw Self.notFound(name, namespace) }
        let namespaces = Set(found.map(\.reading.namespace)).sorted()
        if namespaces.count > 1 {
            throw .badParameter(
                "namespace",
                "required here: \(namespaces.alternatives) each have a deployment \(name)"
            )
        }
        if found.count > 1 {
            let runtimes = found.map(\.reading.runtime.rawValue).sorted()
            throw HTTPError(
                .conflict,
                code: "CONFLICT",
                message: "\(runtimes.alternatives) each have a deployment \(name); say which with provider",
                details: [("parameter", "provider")]
            )
        }
        return record
    }

    static func notFound(_ name: String, _ namespace: String?) -> HTTPError {
        HTTPError(
            .notFound,
            code: "NOT_FOUND",
            message: "there is no deployment \(name)" + (namespace.map { " in the namespace \($0)" } ?? "")
        )
    }
}
