import ControlPlane
import JSON
import KubernetesModel
import Testing

@testable import EmbeddedCluster

/// Runs a suite with one Ingot for all: a cluster with nodes for each case, and with every operator.
struct WholeMatrix: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        // Frontends and heads ask for no GPU: they go where no taint is.
        let front: JSONValue = ["name": "front", "cpus": 512, "memory": "4096GiB"]
        let nodes = JSONValue.array([front] + DeploymentCase.all.map(\.nodes))
        try await RunningIngot.run(nodes: nodes) { ingot in
            let cluster = try #require(ingot.cluster)
            for id in ["dynamo", "kuberay", "kaito", "kserve"] { try await cluster.installOperator(id) }
            for one in DeploymentCase.all {
                try await cluster.api.create(
                    .namespaces,
                    KubernetesObject(["metadata": ["name": .string(one.namespace)]]),
                    as: "test"
                )
            }
            // Every namespace gets two objects of Kubernetes' own.
            try await ingot.eventually("the namespaces are complete") {
                DeploymentCase.all.allSatisfy { one in
                    let objects = cluster.api.objects(in: one.namespace)
                    return objects.isSuperset(of: ["configmaps kube-root-ca.crt", "serviceaccounts default"])
                }
            }
            let caches = try #require(ingot.access.caches)
            try await ingot.eventually("all operators run") {
                Provider.all.allSatisfy { ProviderInstallation($0, caches)?.isInstalled == true }
            }
            try await RunningIngot.$current.withValue(ingot, operation: function)
        }
    }
}

extension Trait where Self == WholeMatrix {
    /// With one Ingot for all tests of the suite.
    static var wholeMatrix: WholeMatrix { WholeMatrix() }
}
