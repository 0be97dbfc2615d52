import EmbeddedCluster
import Glibc
import HTTPClient
import JSON
import Kubernetes
import KubernetesModel
import Logging
import Testing

/// A namespace of its own in a cluster: the one that `INGOT_TEST_KUBECONFIG` names, or one embedded in the test.
struct ConformingCluster {
    let client: KubernetesClient
    let namespace: String

    /// Runs `body` with a namespace that is deleted afterwards.
    static func use(_ body: (ConformingCluster) async throws -> Void) async throws {
        let http = try HTTPClient()
        let outcome: Result<Void, any Error>
        do {
            if let named = getenv("INGOT_TEST_KUBECONFIG").map({ String(cString: $0) }), !named.isEmpty {
                try await use(kubeconfig: named, http, body)
            } else {
                try await useEmbedded(http, body)
            }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        await http.shutDown()
        try outcome.get()
    }

    private static func useEmbedded(
        _ http: HTTPClient,
        _ body: (ConformingCluster) async throws -> Void
    ) async throws {
        let folder = try ClusterFolder()
        let cluster = try await EmbeddedCluster.start(
            .init(folder: folder.path),
            client: http,
            logger: Logger(label: "conformance") { _ in SwiftLogNoOpLogHandler() }
        )
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await use(kubeconfig: cluster.kubeconfigPath, http, body))
        } catch {
            outcome = .failure(error)
        }
        await cluster.stop()
        try outcome.get()
    }

    private static func use(
        kubeconfig: String,
        _ http: HTTPClient,
        _ body: (ConformingCluster) async throws -> Void
    ) async throws {
        let location = ClusterLocation(kubeconfig: kubeconfig, environment: [:])
        let client = KubernetesClient(configuration: try #require(try location.configuration()), http: http)
        let made = try await client.create(
            .namespaces,
            ["apiVersion": "v1", "kind": "Namespace", "metadata": ["generateName": "ingot-conformance-"]]
        )
        let namespace = KubernetesObject(made).name
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(ConformingCluster(client: client, namespace: namespace)))
        } catch {
            outcome = .failure(error)
        }
        try await client.delete(.namespaces, namespace)
        try outcome.get()
    }

    // MARK: Objects

    /// A config map as one writes it.
    static func configMap(_ name: String, _ data: JSONValue = [:], labels: JSONValue = [:]) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name), "labels": labels],
            "data": data,
        ]
    }

    /// A pod that no scheduler takes up.
    static func pod(_ name: String) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(name)],
            "spec": [
                "schedulerName": "nobody",
                "containers": [["name": "main", "image": "registry.k8s.io/pause:3.10"]],
            ],
        ]
    }

    /// What a call fails with; nil, which fails the test, when it does not.
    func failure(
        _ call: (KubernetesClient) async throws -> Void,
        at location: SourceLocation = #_sourceLocation
    ) async -> KubernetesError? {
        do {
            try await call(client)
            Issue.record("it did not fail", sourceLocation: location)
            return nil
        } catch {
            return error as? KubernetesError
        }
    }
}

extension GroupVersionResource {
    static let namespaces = GroupVersionResource(version: "v1", resource: "namespaces")
    static let configMaps = GroupVersionResource(version: "v1", resource: "configmaps")
    static let pods = GroupVersionResource(version: "v1", resource: "pods")
    static let deployments = GroupVersionResource(group: "apps", version: "v1", resource: "deployments")
}

/// A folder that goes, with all that is in it, when its owner does.
private final class ClusterFolder {
    struct CannotMake: Error {}

    let path: String

    init() throws {
        var template = Array("/tmp/ingot-conformance-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw CannotMake() }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        Self.remove(path)
    }

    private static func remove(_ path: String) {
        guard Glibc.remove(path) != 0, let folder = opendir(path) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { remove("\(path)/\(name)") }
        }
        closedir(folder)
        rmdir(path)
    }
}
