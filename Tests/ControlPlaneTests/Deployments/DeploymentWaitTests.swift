import JSON
import KubernetesModel
import Runtimes
import Testing

@testable import ControlPlane
@testable import Kubernetes

/// What a write waits for before it is answered.
@Suite struct DeploymentWaitTests {
    private static let key = DeploymentKey(namespace: "n", name: "a", runtime: .vllm)

    /// A Deployment of vLLM.
    private static func object(uid: String = "1", replicas: Int = 1, isBeingDeleted: Bool = false) throws
        -> DeploymentProjection
    {
        var object: JSONValue = [
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": ["name": "a", "namespace": "n", "uid": .string(uid), "resourceVersion": "1"],
            "spec": [
                "replicas": .integer(Int64(replicas)),
                "template": [
                    "spec": [
                        "containers": [
                            ["name": "server", "image": "vllm/vllm-openai:v1", "args": ["--model", "m"]]
                        ]
                    ]
                ],
            ],
        ]
        if isBeingDeleted { object[at: "metadata", "deletionTimestamp"] = "2026-01-01T00:00:00Z" }
        return try JSONScanner.scan(object.encoded()) { (scanner) throws(JSONScanError) in
            try DeploymentProjection(&scanner)
        }
    }

    /// The record of such a Deployment, as the answer to a write has it.
    private static func record(uid: String = "1") throws -> DeploymentRecord {
        let index = DeploymentIndex()
        try index.deploymentsChanged([CacheChange(old: nil, new: object(uid: uid))])
        return try #require(index.snapshot.named("a", namespace: "n").first)
    }

    @Test func `a wait ends when the snapshot tells of what is waited for, and not sooner`() async throws {
        let index = DeploymentIndex()
        async let waited: Int? = {
            await index.wait(for: Self.key) { $0?.reading.replicas.desired == 3 }
            return index.snapshot.named("a", namespace: "n").first?.reading.replicas.desired
        }()
        var old: DeploymentProjection?
        for replicas in 1...3 {
            let new = try Self.object(replicas: replicas)
            index.deploymentsChanged([CacheChange(old: old, new: new)])
            old = new
        }
        #expect(await waited == 3)
    }

    @Test func `those who wait for one deployment end each by what they wait for`() async throws {
        let index = DeploymentIndex()
        let other = DeploymentKey(namespace: "n", name: "b", runtime: .vllm)
        let others = Task { await index.wait(for: other) { $0 != nil } }
        async let made: Void = index.wait(for: Self.key) { $0 != nil }
        try index.deploymentsChanged([CacheChange(old: nil, new: Self.object())])
        await made
        async let gone: Void = index.wait(for: Self.key) { $0 == nil }
        async let going: Void = index.wait(for: Self.key) { $0?.reading.isBeingDeleted ?? true }
        let ending = try Self.object(isBeingDeleted: true)
        try index.deploymentsChanged([CacheChange(old: Self.object(), new: ending)])
        await going
        index.deploymentsChanged([CacheChange(old: ending, new: nil)])
        await gone
        others.cancel()
        await others.value
        #expect(index.snapshot.named("b").isEmpty)
    }

    @Test func `what is known already is not waited for`() async throws {
        let index = DeploymentIndex()
        try index.deploymentsChanged([CacheChange(old: nil, new: Self.object())])
        await index.wait(for: Self.key) { $0 != nil }
        await index.showWritten(try Self.record())
        // Another has taken its place.
        await index.showWritten(try Self.record(uid: "0"))
        await index.showDeleted(try Self.record(uid: "0"))
        #expect(index.snapshot.named("a").map(\.reading.uid) == ["1"])
    }

    @Test func `a watch that tells nothing holds nobody up for ever`() async throws {
        let index = DeploymentIndex()
        await index.showWritten(try Self.record())
        try index.deploymentsChanged([CacheChange(old: nil, new: Self.object())])
        await index.showDeleted(try Self.record())
        #expect(index.snapshot.named("a").count == 1)
    }
}
