import JSON
import KubernetesModel
import Testing

@testable import EmbeddedCluster

@Suite(.timeLimit(.minutes(10)))
struct NamespaceControllerTests {
    @Test("a namespace that is deleted empties itself, says what it waits for, and goes")
    func empties() async throws {
        let cluster = try await RunningControllers(
            [NamespaceController(), GarbageCollector()] + DeploymentControllerTests.controllers
        )
        try await cluster.create(.namespaces, "team", [:])
        var json = DeploymentControllerTests.deployment()
        json[at: "metadata", "namespace"] = "team"
        try await cluster.create(.deployments, "web", json)
        try await cluster.create(
            .configMaps,
            "held",
            ["metadata": ["namespace": "team", "finalizers": ["example.com/f"]]]
        )
        try await cluster.eventually("pods run") { $0.objects(.pods, in: "team").count == 3 }
        let key = ObjectKey(name: "team")
        try await cluster.api.delete(.namespaces, key)
        try await cluster.eventually("only what is held remains") { state in
            state.object(.namespaces, key)?.condition("NamespaceContentRemaining")?["message"]?.stringValue
                == "Some resources are remaining: configmaps. has 1 resource instances"
        }
        let namespace = try #require(cluster.api.get(.namespaces, key))
        #expect(namespace.status["phase"] == "Terminating")
        #expect(
            namespace.condition("NamespaceFinalizersRemaining")?["message"]?.stringValue
                == "Some content in the namespace has finalizers remaining: example.com/f in 1 resource instances"
        )
        try await cluster.api.update(.configMaps, ObjectKey(namespace: "team", name: "held"), as: "test") {
            $0.finalizers = []
        }
        try await cluster.eventually("gone") { $0.object(.namespaces, key) == nil }
        #expect(cluster.api.list(.pods).isEmpty)
    }

    @Test(
        "each namespace gets its service account and the cluster's certificate, again when they are deleted"
    )
    func fills() async throws {
        let cluster = try await RunningControllers([
            ServiceAccountController(), RootCertificatePublisher(certificate: "PEM"),
        ])
        try await cluster.create(.namespaces, "team", [:])
        let place = ObjectKey(namespace: "team", name: "kube-root-ca.crt")
        let isThere = { @Sendable (state: ClusterState) in
            state.object(.configMaps, place)?.json["data"]?["ca.crt"] == "PEM"
                && state.object(.serviceAccounts, "team", "default") != nil
        }
        try await cluster.eventually("filled", isThere)
        let first = cluster.api.get(.configMaps, place)?.uid
        try await cluster.api.delete(.configMaps, place)
        try await cluster.eventually("filled again") { state in
            state.object(.configMaps, place).map { $0.uid != first } == true
        }
    }
}
