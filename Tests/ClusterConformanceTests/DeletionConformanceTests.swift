import JSON
import Kubernetes
import KubernetesModel
import Testing

@Suite(.timeLimit(.minutes(10))) struct DeletionConformanceTests {
    /// An object that owns another one.
    private func makeFamily(_ cluster: ConformingCluster, finalizer: String? = nil) async throws {
        let owner = KubernetesObject(
            try await cluster.client.create(
                .configMaps,
                ConformingCluster.configMap("owner"),
                namespace: cluster.namespace
            )
        )
        var dependent = ConformingCluster.configMap("dependent")
        dependent[at: "metadata", "ownerReferences"] = [
            [
                "apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": .string(owner.uid),
                "blockOwnerDeletion": true,
            ]
        ]
        if let finalizer { dependent[at: "metadata", "finalizers"] = [.string(finalizer)] }
        _ = try await cluster.client.create(.configMaps, dependent, namespace: cluster.namespace)
    }

    private func delete(_ cluster: ConformingCluster, _ propagation: DeleteOptions.Propagation) async throws {
        try await cluster.client.delete(
            .configMaps,
            "owner",
            namespace: cluster.namespace,
            options: DeleteOptions(propagation: propagation)
        )
    }

    @Test func `in the background what is owned goes after its owner`() async throws {
        try await ConformingCluster.use { cluster in
            try await makeFamily(cluster)
            try await delete(cluster, .background)
            let owner = await cluster.failure {
                _ = try await $0.get(.configMaps, "owner", namespace: cluster.namespace)
            }
            #expect(owner?.isNotFound == true)
            try await cluster.waitUntilGone(.configMaps, "dependent")
        }
    }

    @Test func `in the foreground an owner stays until what it owns is gone`() async throws {
        try await ConformingCluster.use { cluster in
            let finalizer = "example.com/hold"
            try await makeFamily(cluster, finalizer: finalizer)
            try await delete(cluster, .foreground)
            let dependent = try await cluster.wait(.configMaps, "dependent") { $0.isBeingDeleted }
            #expect(dependent.finalizers == [finalizer])
            let owner = KubernetesObject(
                try await cluster.client.get(.configMaps, "owner", namespace: cluster.namespace)
            )
            #expect(owner.isBeingDeleted)
            #expect(owner.finalizers == ["foregroundDeletion"])
            _ = try await cluster.client.patch(
                .configMaps,
                "dependent",
                .merge(["metadata": ["finalizers": .null]]),
                namespace: cluster.namespace
            )
            try await cluster.waitUntilGone(.configMaps, "dependent")
            try await cluster.waitUntilGone(.configMaps, "owner")
        }
    }

    @Test func `an orphan stays, without its owner`() async throws {
        try await ConformingCluster.use { cluster in
            try await makeFamily(cluster)
            try await delete(cluster, .orphan)
            try await cluster.waitUntilGone(.configMaps, "owner")
            let orphan = KubernetesObject(
                try await cluster.client.get(.configMaps, "dependent", namespace: cluster.namespace)
            )
            #expect(orphan.json["metadata"]?["ownerReferences"] == nil)
            #expect(!orphan.isBeingDeleted)
        }
    }

    @Test func `only the object that the preconditions name is deleted`() async throws {
        try await ConformingCluster.use { cluster in
            let (client, namespace) = (cluster.client, cluster.namespace)
            let old = KubernetesObject(
                try await client.create(.configMaps, ConformingCluster.configMap("a"), namespace: namespace)
            )
            let new = KubernetesObject(
                try await client.patch(.configMaps, "a", .merge(["data": ["k": "1"]]), namespace: namespace)
            )
            for options in [
                DeleteOptions(uid: "00000000-0000-0000-0000-000000000000"),
                DeleteOptions(resourceVersion: old.resourceVersion),
            ] {
                let refused = await cluster.failure {
                    try await $0.delete(.configMaps, "a", namespace: namespace, options: options)
                }
                #expect(refused?.isConflict == true)
            }
            let dry = DeleteOptions(uid: new.uid, isDryRun: true)
            try await client.delete(.configMaps, "a", namespace: namespace, options: dry)
            _ = try await client.get(.configMaps, "a", namespace: namespace)
            let exact = DeleteOptions(uid: new.uid, resourceVersion: new.resourceVersion)
            try await client.delete(.configMaps, "a", namespace: namespace, options: exact)
            try await cluster.waitUntilGone(.configMaps, "a")
        }
    }
}
