import Capacity
import EmbeddedCluster
import IngotConfiguration
import KubernetesModel
import LocalContainers
import Testing

@testable import ingot

@Suite struct EmbeddedClusterConfigurationTests {
    private func cluster(_ nodes: String? = nil, images: String? = nil) async throws
        -> ServeConfiguration.Cluster.Embedded
    {
        var environment = ["HOME": "/users/someone"]
        environment["INGOT_CLUSTER_EMBEDDED_NODES"] = nodes
        environment["INGOT_CLUSTER_EMBEDDED_IMAGES"] = images
        return try await ServeConfiguration.load(CommandLineOverrides(), environment: environment).cluster
            .embedded
    }

    @Test("The nodes that the configuration has by default are the embedded cluster's own default")
    func defaults() async throws {
        #expect(try await cluster().nodes.map(NodeSpecification.init) == NodeSpecification.defaultSet)
    }

    @Test("Every part of a configured node is the specification's")
    func nodes() async throws {
        let embedded = try await cluster(
            """
            [{"name": "n", "count": 2, "gpu": {"product": "New", "count": 4, "memory": "96GiB", "computeCapability": "10.3",
              "mig": true}, "cpus": 8, "memory": "32GiB", "storage": "100GiB", "labels": {"a/b": "c"},
              "taints": [{"key": "k", "value": "v", "effect": "NoExecute"}, {"key": "l"}]}]
            """
        )
        #expect(
            embedded.nodes.map(NodeSpecification.init) == [
                NodeSpecification(
                    name: "n",
                    count: 2,
                    gpus: .init(product: GPUDescription("New", 98304, 10, 3, mig: true), count: 4),
                    cpus: 8,
                    memoryGiB: 32,
                    storageGiB: 100,
                    labels: ["a/b": "c"],
                    taints: [.init(key: "k", value: "v", effect: "NoExecute"), .init(key: "l")]
                )
            ]
        )
        #expect(embedded.nodes.map(\.nodeNames) == [["n-1", "n-2"]])
    }

    @Test("Configured commands are laid over the standard ones, and null takes one away")
    func images() async throws {
        let embedded = try await cluster(
            images: """
                {"ghcr.io/ggerganov/llama.cpp:server*": null, "sh": "sh",
                 "x:1": {"entrypoint": ["a", "b"], "arguments": ["c"], "appended": ["d"], "environment": {"E": "f"}, "port": 9}}
                """
        )
        let commands = ImageCommands(embedded.images)
        #expect(commands.command(for: "ghcr.io/ggerganov/llama.cpp:server") == nil)
        #expect(commands.command(for: "ghcr.io/ggml-org/llama.cpp:server")?.entrypoint == ["llama-server"])
        #expect(commands.command(for: "sh:latest") == ImageCommand(entrypoint: ["sh"]))
        #expect(
            commands.command(for: "x:1")
                == ImageCommand(
                    entrypoint: ["a", "b"],
                    arguments: ["c"],
                    appended: ["d"],
                    environment: ["E": "f"],
                    port: 9
                )
        )
    }
}
