import JSON
import KubernetesModel
import Testing

@testable import EmbeddedCluster

@Suite struct ClusterBootstrapTests {
    @Test("the service `kubernetes` leads to the listener, on another port after a restart too")
    func listener() async throws {
        let directory = try TemporaryDirectory()
        let api = ClusterAPI(store: try ObjectStore(path: directory.file("cluster.db")))
        let key = ObjectKey(namespace: "default", name: "kubernetes")
        for port in [4001, 4002] as [Int64] {
            try await ClusterBootstrap.run(api, port: Int(port))
            let expected: JSONValue = [["name": "https", "port": .integer(port), "protocol": "TCP"]]
            let service = try #require(api.get(.services, key))
            #expect(service.spec["clusterIP"] == "10.96.0.1")
            #expect(service.spec["ports"]?[0]?["targetPort"] == .integer(port))
            let endpoints = try #require(api.get(.endpoints, key))
            #expect(endpoints.json["subsets"] == [["addresses": [["ip": "127.0.0.1"]], "ports": expected]])
            let slices = api.list(.endpointSlices, in: "default")
            #expect(slices.count == 1)
            let slice = try #require(slices.first)
            #expect(slice.label("kubernetes.io/service-name") == "kubernetes")
            #expect(slice.json["ports"] == expected)
            #expect(slice.json["endpoints"]?[0]?["addresses"] == ["127.0.0.1"])
            #expect(slice.json["endpoints"]?[0]?["conditions"]?["ready"] == true)
        }
    }

    @Test("a cluster that starts where it was leaves its objects as they are")
    func again() async throws {
        let directory = try TemporaryDirectory()
        let api = ClusterAPI(store: try ObjectStore(path: directory.file("cluster.db")))
        try await ClusterBootstrap.run(api, port: 4001)
        let revision = api.state.revision
        try await ClusterBootstrap.run(api, port: 4001)
        #expect(api.state.revision == revision)
    }
}
