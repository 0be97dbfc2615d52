import JSON
import KubernetesModel
import Testing

@testable import EmbeddedCluster

struct StrategyTests {
    private let directory: TemporaryDirectory
    private let api: ClusterAPI

    init() async throws {
        directory = try TemporaryDirectory()
        api = ClusterAPI(store: try ObjectStore(path: directory.file("cluster.db")))
        try await api.create(.namespaces, KubernetesObject(["metadata": ["name": "default"]]), as: "test")
    }

    @discardableResult
    private func create(_ resource: GroupResource, _ name: String, _ json: JSONValue) async throws(APIStatus)
        -> KubernetesObject
    {
        var object = KubernetesObject(json)
        object.name = name
        object.namespace = "default"
        return try await api.create(resource, object, as: "test")
    }

    /// What the API says to a new object that breaks rules.
    private func refusal(_ resource: GroupResource, _ name: String, _ json: JSONValue) async -> String? {
        do throws(APIStatus) {
            try await create(resource, name, json)
            return nil
        } catch {
            return error.message
        }
    }

    /// What the API says to a change that breaks rules.
    private func refusal(
        _ resource: GroupResource,
        _ name: String,
        _ change: @escaping @Sendable (inout KubernetesObject) -> Void
    ) async -> String? {
        do throws(APIStatus) {
            try await api.update(resource, ObjectKey(namespace: "default", name: name), as: "test", change)
            return nil
        } catch {
            return error.message
        }
    }

    // MARK: Workloads

    private static func workload(labels: JSONValue = ["app": "a"], image: String = "nginx") -> JSONValue {
        [
            "spec": [
                "selector": ["matchLabels": ["app": "a"]],
                "template": [
                    "metadata": ["labels": labels],
                    "spec": ["containers": [["name": "c", "image": .string(image)]]],
                ],
            ]
        ]
    }

    @Test("a deployment gets the defaults of apps/v1")
    func deploymentDefaults() async throws {
        let spec = try await create(.deployments, "d", Self.workload()).spec
        #expect(spec["replicas"] == 1)
        #expect(spec["strategy"]?["type"] == "RollingUpdate")
        #expect(spec["strategy"]?["rollingUpdate"] == ["maxUnavailable": "25%", "maxSurge": "25%"])
        #expect(spec["revisionHistoryLimit"] == 10)
        #expect(spec["progressDeadlineSeconds"] == 600)
        #expect(spec["template"]?["spec"]?["containers"]?[0]?["imagePullPolicy"] == "Always")
    }

    @Test("a deployment whose selector does not fit its template is refused in upstream's words")
    func selectorMustFit() async {
        let message = await refusal(.deployments, "d", Self.workload(labels: ["app": "b"]))
        #expect(
            message
                == "Deployment.apps \"d\" is invalid: spec.template.metadata.labels: Invalid value: {\"app\":\"b\"}: "
                + "`selector` does not match template `labels`"
        )
        let unnamed = await refusal(.deployments, "d", ["spec": ["template": ["spec": [:]]]])
        #expect(unnamed?.contains("spec.selector: Required value") == true)
        #expect(unnamed?.contains("spec.template.spec.containers: Required value") == true)
    }

    @Test("a deployment's selector stays what it is")
    func selectorIsImmutable() async throws {
        try await create(.deployments, "d", Self.workload())
        let message = await refusal(.deployments, "d") { deployment in
            deployment.json[at: "spec", "selector", "matchLabels"] = ["app": "b"]
            deployment.json[at: "spec", "template", "metadata", "labels"] = ["app": "b"]
        }
        #expect(message?.hasSuffix("field is immutable") == true)
    }

    @Test("a deployment that recreates takes no figures of a rolling update, and percentages must be some")
    func strategyRules() async {
        var json = Self.workload()
        json[at: "spec", "strategy"] = ["type": "Recreate", "rollingUpdate": ["maxSurge": 1]]
        let recreate = await refusal(.deployments, "d", json)
        #expect(
            recreate?.hasSuffix(
                "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"
            ) == true
        )
        json[at: "spec", "strategy"] = ["rollingUpdate": ["maxSurge": 0, "maxUnavailable": 0]]
        let still = await refusal(.deployments, "d", json)
        #expect(still?.hasSuffix("Invalid value: 0: may not be 0 when `maxSurge` is 0") == true)
        json[at: "spec", "strategy"] = ["rollingUpdate": ["maxSurge": "many"]]
        #expect(await refusal(.deployments, "d", json)?.contains("a valid percent string") == true)
    }

    @Test("a stateful set changes only where it may")
    func statefulSet() async throws {
        try await create(.statefulSets, "s", Self.workload())
        #expect(await refusal(.statefulSets, "s") { $0.json[at: "spec", "replicas"] = 3 } == nil)
        let message = await refusal(.statefulSets, "s") { $0.json[at: "spec", "serviceName"] = "other" }
        #expect(
            message?.contains("spec: Forbidden: updates to statefulset spec for fields other than 'replicas'")
                == true
        )
    }

    @Test("a job's pods end, its template stays, and its selector is generated")
    func job() async throws {
        var json: JSONValue = ["spec": ["template": ["spec": ["containers": [["name": "c", "image": "i"]]]]]]
        let always = await refusal(.jobs, "j", json)
        #expect(
            always?.hasSuffix(
                "spec.template.spec.restartPolicy: Unsupported value: \"Always\": supported values: \"Never\", \"OnFailure\""
            ) == true
        )
        json[at: "spec", "template", "spec", "restartPolicy"] = "Never"
        let job = try await create(.jobs, "j", json)
        #expect(job.spec["completions"] == 1 && job.spec["parallelism"] == 1)
        #expect(job.spec["template"]?["metadata"]?["labels"]?["job-name"] == "j")
        let message = await refusal(.jobs, "j") {
            $0.json[at: "spec", "template", "spec", "containers"] = [["name": "c", "image": "other"]]
        }
        #expect(message?.contains("spec.template: Invalid value") == true)
        #expect(await refusal(.jobs, "j") { $0.json[at: "spec", "parallelism"] = 4 } == nil)
    }

    // MARK: Services

    private static let ports: JSONValue = [["port": 80]]

    @Test("services get addresses of their own, and keep them")
    func addresses() async throws {
        var addresses: Set<String> = []
        for index in 0..<20 {
            let service = try await create(.services, "s\(index)", ["spec": ["ports": Self.ports]])
            let address = try #require(service.spec["clusterIP"]?.stringValue)
            #expect(ServiceAddresses.contains(address))
            #expect(service.spec["clusterIPs"] == [.string(address)])
            addresses.insert(address)
        }
        #expect(addresses.count == 20)
        let first = try #require(api.state.object(.services, "default", "s0"))
        let address = first.spec["clusterIP"]
        #expect(first.spec["ports"]?[0]?["targetPort"] == 80 && first.spec["ports"]?[0]?["protocol"] == "TCP")
        // A client that replaces the service without its address means the same one.
        #expect(await refusal(.services, "s0") { $0.json[at: "spec"] = ["ports": [["port": 81]]] } == nil)
        #expect(api.state.object(.services, "default", "s0")?.spec["clusterIP"] == address)
        // The addresses are chosen at random.
        let another: JSONValue = address == "10.96.1.1" ? "10.96.1.2" : "10.96.1.1"
        let other = await refusal(.services, "s0") { $0.json[at: "spec", "clusterIP"] = another }
        #expect(other?.contains("may not change once set") == true)
    }

    @Test("an address or a node port that another service has is refused")
    func allocations() async throws {
        try await create(
            .services,
            "a",
            [
                "spec": [
                    "type": "NodePort", "clusterIP": "10.96.0.50",
                    "ports": [["port": 80, "nodePort": 30080]],
                ]
            ]
        )
        let address = await refusal(
            .services,
            "b",
            ["spec": ["clusterIP": "10.96.0.50", "ports": Self.ports]]
        )
        #expect(
            address?.hasSuffix("failed to allocate IP 10.96.0.50: provided IP is already allocated") == true
        )
        let port = await refusal(
            .services,
            "b",
            ["spec": ["type": "NodePort", "ports": [["port": 80, "nodePort": 30080]]]]
        )
        #expect(
            port?.hasSuffix(
                "spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated"
            )
                == true
        )
        let range = await refusal(
            .services,
            "b",
            ["spec": ["type": "NodePort", "ports": [["port": 80, "nodePort": 80]]]]
        )
        #expect(range?.contains("The range of valid ports is 30000-32767") == true)
        let chosen = try await create(.services, "c", ["spec": ["type": "NodePort", "ports": Self.ports]])
        let number = try #require(chosen.spec["ports"]?[0]?["nodePort"]?.integerValue)
        #expect(ServiceAddresses.nodePorts.contains(number) && number != 30080)
    }

    @Test("headless and external services have no address")
    func withoutAddress() async throws {
        let headless = try await create(.services, "h", ["spec": ["clusterIP": "None"]])
        #expect(headless.spec["clusterIPs"] == ["None"])
        let external = try await create(
            .services,
            "e",
            ["spec": ["type": "ExternalName", "externalName": "example.com"]]
        )
        #expect(external.spec["clusterIP"] == nil)
        // A service that turns into one with an address is given one.
        #expect(
            await refusal(.services, "e") { service in
                service.json[at: "spec", "type"] = "ClusterIP"
                service.json[at: "spec", "ports"] = Self.ports
            } == nil
        )
        #expect(
            api.state.object(.services, "default", "e")?.spec["clusterIP"]?.stringValue
                .map(ServiceAddresses.contains) == true
        )
    }

    // MARK: Others

    struct Broken: Sendable, CustomTestStringConvertible {
        let resource: GroupResource
        let json: JSONValue
        let complaint: String
        var testDescription: String { resource.description }
    }

    private static let broken = [
        Broken(
            resource: .persistentVolumeClaims,
            json: ["spec": [:]],
            complaint: "spec.accessModes: Required value"
        ),
        Broken(
            resource: .leases,
            json: ["spec": ["leaseDurationSeconds": 0]],
            complaint: "must be greater than 0"
        ),
        Broken(
            resource: .podDisruptionBudgets,
            json: ["spec": ["minAvailable": 1, "maxUnavailable": 1]],
            complaint: "minAvailable and maxUnavailable cannot be both set"
        ),
        Broken(
            resource: .endpointSlices,
            json: ["addressType": "MAC"],
            complaint: "Unsupported value: \"MAC\""
        ),
        Broken(
            resource: GroupResource(group: "rbac.authorization.k8s.io", resource: "rolebindings"),
            json: ["roleRef": ["kind": "Role"]],
            complaint: "roleRef.name: Required value"
        ),
    ]

    @Test("rules of the smaller kinds", arguments: broken)
    func smallKinds(_ broken: Broken) async {
        let message = await refusal(broken.resource, "x", broken.json)
        #expect(message?.contains(broken.complaint) == true, "\(message ?? "accepted")")
    }

    @Test("an immutable config map keeps its data")
    func immutableConfigMap() async throws {
        try await create(.configMaps, "m", ["data": ["a": "1"], "immutable": true])
        let message = await refusal(.configMaps, "m") { $0.json[at: "data", "a"] = "2" }
        #expect(message?.hasSuffix("data: Forbidden: field is immutable when `immutable` is set") == true)
    }
}
