import EmbeddedCluster
import Glibc
import HTTPClient
import JSON
import Kubernetes
import KubernetesModel
import LocalContainers
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
        let start = {
            try await EmbeddedCluster.start(
                .init(folder: folder.path, machine: machine),
                client: http,
                logger: Logger(label: "conformance") { _ in SwiftLogNoOpLogHandler() }
            )
        }
        // A cluster that has been up for a while has forgotten its first versions. So has this one when it starts again.
        await (try await start()).stop()
        let cluster = try await start()
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
            let cluster = ConformingCluster(client: client, namespace: namespace)
            // Pods are refused before there is the service account that they run as.
            _ = try await cluster.wait(.serviceAccounts, "default") { _ in true }
            outcome = .success(try await body(cluster))
        } catch {
            outcome = .failure(error)
        }
        try await client.delete(.namespaces, namespace)
        try outcome.get()
    }

    /// This machine as a node that can run the image of which pods must really answer.
    private static var machine: MachineSettings {
        var images = ImageCommands()
        images["python:3-alpine"] = ImageCommand(entrypoint: ["python3"])
        return MachineSettings(images: images, shim: shim, path: "/usr/local/bin:/usr/bin:/bin")
    }

    /// The program that calls the containers' shim: it is built beside the tests.
    private static let shim: String = {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = max(0, readlink("/proc/self/exe", &buffer, buffer.count))
        let own = String(decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
        let parts = own.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return parts.joined(separator: "/") + "/LocalContainerFixture"
    }()

    // MARK: Waiting

    /// Waits until an object is there and as it should be; returns it. The suite's time limit ends a wait for what never comes.
    func wait(
        _ resource: GroupVersionResource,
        _ name: String,
        until isDone: (KubernetesObject) -> Bool
    ) async throws -> KubernetesObject {
        for await event in watch(resource, name) {
            switch event {
            case .listed(let object), .added(let object), .modified(let object):
                let object = KubernetesObject(try object.json())
                if isDone(object) { return object }
            default: continue
            }
        }
        throw CancellationError()
    }

    /// Waits until an object is gone.
    func waitUntilGone(_ resource: GroupVersionResource, _ name: String) async throws {
        var isThere = false
        for await event in watch(resource, name) {
            switch event {
            case .listing: isThere = false
            case .listed, .added: isThere = true
            case .synced where !isThere, .deleted: return
            default: continue
            }
        }
        throw CancellationError()
    }

    private func watch(_ resource: GroupVersionResource, _ name: String) -> ListWatch {
        let fields = FieldSelector([.init(path: "metadata.name", value: name)])
        return client.watch(
            resource,
            namespace: resource.isOfNoNamespace ? nil : namespace,
            ObjectSelection(fields: fields)
        )
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

    /// A pod whose containers run shell scripts. The images are those that every cluster can get.
    static func pod(
        _ name: String,
        restarts: String = "Never",
        scripts: [(container: String, script: String)]
    )
        -> JSONValue
    {
        let containers = scripts.map { container, script -> JSONValue in
            [
                "name": .string(container), "image": "busybox:1.36",
                "command": ["sh", "-c", .string(script)],
            ]
        }
        return [
            "apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(name)],
            "spec": [
                "restartPolicy": .string(restarts), "terminationGracePeriodSeconds": 0,
                "containers": .array(containers),
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
    static let serviceAccounts = GroupVersionResource(version: "v1", resource: "serviceaccounts")
    static let services = GroupVersionResource(version: "v1", resource: "services")
    static let events = GroupVersionResource(version: "v1", resource: "events")
    static let definitions = GroupVersionResource(
        group: "apiextensions.k8s.io",
        version: "v1",
        resource: "customresourcedefinitions"
    )
    /// Whether it is one of those that the tests use which have no namespaces.
    fileprivate var isOfNoNamespace: Bool { [.namespaces, .definitions].contains(self) }
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
