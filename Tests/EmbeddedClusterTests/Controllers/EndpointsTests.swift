import JSON
import KubernetesModel
import Testing

@testable import EmbeddedCluster

@Suite(.timeLimit(.minutes(10)))
struct EndpointsTests {
    private static let controllers: [any Controller] = [
        EndpointsController(), EndpointSliceController(), GarbageCollector(),
    ]

    private static func pod(ready: Bool = true, port: Int64 = 8080) -> JSONValue {
        [
            "metadata": ["labels": ["app": "web"]],
            "spec": [
                "containers": [
                    [
                        "name": "c", "image": "nginx",
                        "ports": [["name": "http", "containerPort": .integer(port)]],
                    ]
                ]
            ],
        ]
    }

    private static let service: JSONValue = [
        "spec": [
            "selector": ["app": "web"], "ports": [["name": "web", "port": 80, "targetPort": "http"]],
        ]
    ]

    private static func setReady(_ cluster: RunningControllers, _ name: String, _ isReady: Bool) async throws
    {
        try await cluster.api.updateStatus(
            .pods,
            ObjectKey(namespace: "default", name: name),
            as: "test"
        ) { pod in
            pod.json[at: "status", "conditions"] = [["type": "Ready", "status": isReady ? "True" : "False"]]
        }
    }

    @Test("ready pods are addresses, others are not ready, and a named port is the container's")
    func addresses() async throws {
        let cluster = try await RunningControllers(Self.controllers)
        try await cluster.create(.services, "web", Self.service)
        try await cluster.create(.pods, "a", Self.pod())
        try await cluster.create(.pods, "b", Self.pod(port: 9090))
        try await cluster.eventually("both ready, with their own ports") { state in
            let subsets = state.object(.endpoints, "default", "web")?.json["subsets"]?.arrayValue ?? []
            return Set(subsets.compactMap { $0["ports"]?[0]?["port"]?.integerValue }) == [8080, 9090]
                && subsets.allSatisfy { $0["addresses"]?.arrayValue?.count == 1 }
        }
        try await Self.setReady(cluster, "b", false)
        try await cluster.eventually("one not ready") { state in
            let subsets = state.object(.endpoints, "default", "web")?.json["subsets"]?.arrayValue ?? []
            return subsets.contains { $0["notReadyAddresses"]?[0]?["targetRef"]?["name"] == "b" }
        }
        try await cluster.eventually("slices agree") { state in
            let endpoints = state.objects(.endpointSlices).flatMap { $0.json["endpoints"]?.arrayValue ?? [] }
            return endpoints.count == 2
                && endpoints.contains {
                    $0["targetRef"]?["name"] == "b" && $0["conditions"]?["ready"] == false
                }
        }
        let slice = try #require(cluster.api.list(.endpointSlices).first)
        #expect(slice.label("kubernetes.io/service-name") == "web")
        #expect(slice.controller?.kind == "Service")
        try await cluster.delete(.services, "web")
        try await cluster.eventually("nothing is left") {
            $0.objects(.endpoints).isEmpty && $0.objects(.endpointSlices).isEmpty
        }
    }

    @Test("a service that publishes what is not ready lists all its pods as ready")
    func publishes() async throws {
        let cluster = try await RunningControllers(Self.controllers)
        var json = Self.service
        json[at: "spec", "publishNotReadyAddresses"] = true
        json[at: "spec", "clusterIP"] = "None"
        try await cluster.create(.services, "web", json)
        try await cluster.create(.pods, "a", Self.pod())
        try await cluster.eventually("listed") {
            $0.object(.endpoints, "default", "web")?.json["subsets"] != nil
        }
        try await Self.setReady(cluster, "a", false)
        try await cluster.eventually("serving no longer, yet ready") { state in
            let endpoint = state.objects(.endpointSlices).first?.json["endpoints"]?[0]
            return endpoint?["conditions"]?["serving"] == false && endpoint?["conditions"]?["ready"] == true
        }
        #expect(
            cluster.get(.endpoints, "web")?.json["subsets"]?[0]?["addresses"]?[0]?["targetRef"]?["name"]
                == "a"
        )
    }
}
