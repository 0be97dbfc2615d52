import JSON
import KubernetesModel
import Runtimes
import Testing

@testable import ControlPlane
@testable import Kubernetes

@Suite struct DeploymentIndexTests {
    private static let services = GroupResource(group: "ray.io", resource: "rayservices")

    /// A plain Deployment of vLLM that Ingot has not made.
    private static func deployment(
        _ name: String,
        image: String = "vllm/vllm-openai:v1",
        ready: Int = 0,
        second: Int = 0,
        version: Int = 1
    ) throws -> DeploymentProjection {
        try projection([
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": [
                "name": .string(name), "namespace": "n", "uid": .string("uid-\(name)"),
                "resourceVersion": .string(String(version)), "generation": 1,
                "creationTimestamp": .string("2026-01-01T00:00:\(second < 10 ? "0" : "")\(second)Z"),
            ],
            "spec": [
                "replicas": 1,
                "template": [
                    "spec": [
                        "containers": [
                            [
                                "name": "server", "image": .string(image),
                                "command": ["vllm", "serve"], "args": ["a/b"],
                            ]
                        ]
                    ]
                ],
            ],
            "status": [
                "observedGeneration": 1, "replicas": 1, "updatedReplicas": 1,
                "readyReplicas": .integer(Int64(ready)), "availableReplicas": .integer(Int64(ready)),
            ],
        ])
    }

    private static func pod(_ name: String, of deployment: String, isReady: Bool, version: Int = 1) throws
        -> PodProjection
    {
        try projection([
            "metadata": [
                "name": .string(name), "namespace": "n", "resourceVersion": .string(String(version)),
                "labels": ["pod-template-hash": "abc"],
                "ownerReferences": [
                    [
                        "apiVersion": "apps/v1", "kind": "ReplicaSet", "uid": "u", "controller": true,
                        "name": .string("\(deployment)-abc"),
                    ]
                ],
            ],
            "spec": ["nodeName": "node", "containers": [["name": "server"]]],
            "status": [
                "phase": "Running",
                "conditions": [["type": "Ready", "status": isReady ? "True" : "False"]],
                "containerStatuses": [
                    [
                        "name": "server", "ready": .bool(isReady), "restartCount": 0,
                        "state": ["running": [:]],
                    ]
                ],
            ],
        ])
    }

    private static func projection<P: Projection>(_ object: JSONValue) throws -> P {
        try JSONScanner.scan(object.encoded()) { (scanner) throws(JSONScanError) in try P(&scanner) }
    }

    private static func told(_ snapshot: DeploymentSnapshot) -> [String] {
        snapshot.newestFirst.map { record in
            "\(record.key.name) \(record.standing.phase.rawValue) "
                + record.pods.map { "\($0.name)\($0.isReady ? "+" : "-")" }.joined(separator: " ")
        }
    }

    @Test func `a deployment is told of with its own pods, and runs only while they are ready`() throws {
        let index = DeploymentIndex()
        // Pods may be known before what they belong to.
        try index.podsChanged([
            CacheChange(old: nil, new: Self.pod("a-1", of: "a", isReady: true)),
            CacheChange(old: nil, new: Self.pod("aa-1", of: "aa", isReady: true)),
        ])
        #expect(index.snapshot.newestFirst.isEmpty)
        try index.deploymentsChanged([CacheChange(old: nil, new: Self.deployment("a", ready: 1))])
        #expect(Self.told(index.snapshot) == ["a Running a-1+"])
        #expect(index.snapshot.newestFirst.first?.reading.modelID == "a/b")
        try index.podsChanged([
            CacheChange(
                old: Self.pod("a-1", of: "a", isReady: true),
                new: Self.pod("a-1", of: "a", isReady: false, version: 2)
            )
        ])
        #expect(Self.told(index.snapshot) == ["a Deploying a-1-"])
        try index.podsChanged([CacheChange(old: Self.pod("a-1", of: "a", isReady: false), new: nil)])
        #expect(Self.told(index.snapshot) == ["a Pending "])
        try index.deploymentsChanged([CacheChange(old: Self.deployment("a"), new: nil)])
        #expect(index.snapshot.newestFirst.isEmpty)
    }

    @Test func `a Deployment that serves no model is none, also when it was one before`() throws {
        let index = DeploymentIndex()
        let other = try Self.deployment("a", image: "nginx:1", version: 2)
        try index.deploymentsChanged([CacheChange(old: nil, new: Self.deployment("a"))])
        #expect(index.snapshot.newestFirst.count == 1)
        try index.deploymentsChanged([CacheChange(old: Self.deployment("a"), new: other)])
        #expect(index.snapshot.newestFirst.isEmpty)
    }

    @Test func `the newest deployment comes first, and those of one second by name`() throws {
        let index = DeploymentIndex()
        for (name, second) in [("old", 1), ("b", 5), ("new", 9), ("a", 5)] {
            try index.deploymentsChanged([
                CacheChange(old: nil, new: Self.deployment(name, second: second))
            ])
        }
        #expect(index.snapshot.newestFirst.map(\.key.name) == ["new", "a", "b", "old"])
        // One of the same name that is made anew is the newest.
        try index.deploymentsChanged([
            CacheChange(
                old: Self.deployment("old", second: 1),
                new: Self.deployment("old", second: 30, version: 7)
            )
        ])
        #expect(index.snapshot.newestFirst.map(\.key.name) == ["old", "new", "a", "b"])
    }

    @Test func `what changes nothing that is told is no change`() throws {
        let index = DeploymentIndex()
        try index.deploymentsChanged([CacheChange(old: nil, new: Self.deployment("a"))])
        let revision = index.snapshot.revision
        try index.deploymentsChanged([
            CacheChange(old: Self.deployment("a"), new: Self.deployment("a", version: 2))
        ])
        #expect(index.snapshot.revision == revision)
    }

    @Test func `after any changes the index is as if it had been filled at once`() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20 {
            let index = DeploymentIndex()
            var deployments: [String: DeploymentProjection] = [:]
            var pods: [String: PodProjection] = [:]
            for version in 1...150 {
                let name = "d\(Int.random(in: 0..<6, using: &random))"
                if Bool.random(using: &random) {
                    let new =
                        Int.random(in: 0..<4, using: &random) == 0
                        ? nil
                        : try Self.deployment(
                            name,
                            image: Bool.random(using: &random) ? "nginx" : "vllm/vllm-openai",
                            ready: Int.random(in: 0...1, using: &random),
                            second: Int.random(in: 0..<4, using: &random),
                            version: version
                        )
                    index.deploymentsChanged([CacheChange(old: deployments[name], new: new)])
                    deployments[name] = new
                } else {
                    let pod = "\(name)-\(Int.random(in: 0..<3, using: &random))"
                    let new =
                        Int.random(in: 0..<4, using: &random) == 0
                        ? nil
                        : try Self.pod(pod, of: name, isReady: Bool.random(using: &random), version: version)
                    index.podsChanged([CacheChange(old: pods[pod], new: new)])
                    pods[pod] = new
                }
            }
            let fresh = DeploymentIndex()
            fresh.deploymentsChanged(deployments.values.map { CacheChange(old: nil, new: $0) })
            fresh.podsChanged(pods.values.map { CacheChange(old: nil, new: $0) })
            #expect(Self.told(index.snapshot) == Self.told(fresh.snapshot))
            Self.expectFound(index.snapshot)
        }
    }

    /// What is found by a name or a namespace is what going through all deployments finds.
    private static func expectFound(_ snapshot: DeploymentSnapshot) {
        for name in (0..<6).map({ "d\($0)" }) {
            let all = snapshot.newestFirst.filter { $0.reading.name == name }
            #expect(snapshot.named(name).map(\.key) == all.map(\.key))
            let there = all.filter { $0.reading.namespace == "n" }
            #expect(snapshot.named(name, namespace: "n").map(\.key) == there.map(\.key))
        }
        for namespace in [nil] + Set(snapshot.newestFirst.map(\.reading.namespace)).map(Optional.some) {
            let there = snapshot.newestFirst.filter { namespace == nil || $0.reading.namespace == namespace }
            #expect(snapshot.runtimes(in: namespace) == Set(there.map(\.reading.runtime)))
        }
        #expect(snapshot.named("none").isEmpty && snapshot.runtimes(in: "none").isEmpty)
    }

    @Test func `followers get every change behind the one that they know, or hear that it is too old`() throws
    {
        let index = DeploymentIndex()
        for version in 1...3 {
            try index.deploymentsChanged([
                CacheChange(old: nil, new: Self.deployment("a", ready: version % 2, version: version))
            ])
        }
        let newest = index.snapshot.revision
        guard case .changes(let changes) = index.changes.changes(after: newest - 1) else {
            Issue.record("the change is not known")
            return
        }
        #expect(changes.map(\.revision) == [newest])
        let log = DeploymentChangeLog(capacity: 2)
        let key = DeploymentKey(namespace: "n", name: "a", runtime: .vllm)
        for revision in 1...5 as ClosedRange<UInt64> {
            log.add(DeploymentChange(revision: revision, key: key, record: nil, isNew: false))
        }
        guard case .tooOld = log.changes(after: 2) else {
            Issue.record("changes are missing")
            return
        }
        guard case .changes(let last) = log.changes(after: 3) else {
            Issue.record("the changes are known")
            return
        }
        #expect(last.map(\.revision) == [4, 5])
        guard case .changes(let first) = log.changes(after: 3, limit: 1) else {
            Issue.record("the changes are known")
            return
        }
        #expect(first.map(\.revision) == [4])
    }

    @Test func whoFollowsIsToldAfterTheLastOfManyChanges() async {
        let log = DeploymentChangeLog()
        let (bell, ringer) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let following = log.follow { ringer.yield() }
        let key = DeploymentKey(namespace: "n", name: "a", runtime: .vllm)
        for revision in 1...500 as ClosedRange<UInt64> {
            log.add(DeploymentChange(revision: revision, key: key, record: nil, isNew: false))
            log.deliver()
        }
        var seen: UInt64 = 0
        for await _ in bell {
            if case .changes(let changes) = log.changes(after: seen) { seen = changes.last?.revision ?? seen }
            if seen == 500 { break }
        }
        #expect(seen == 500)
        withExtendedLifetime(following) {}
    }
}
