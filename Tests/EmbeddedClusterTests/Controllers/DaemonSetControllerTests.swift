import JSON
import KubernetesModel
import Testing

@testable import EmbeddedCluster

@Suite(.timeLimit(.minutes(10)))
struct DaemonSetControllerTests {
    private static let controllers: [any Controller] = [DaemonSetController()]

    private static let set: JSONValue = [
        "spec": [
            "selector": ["matchLabels": ["app": "agent"]],
            "template": [
                "metadata": ["labels": ["app": "agent"]],
                "spec": [
                    "containers": [["name": "c", "image": "agent:1"]], "nodeSelector": ["gpu": "true"],
                ],
            ],
        ]
    ]

    private func cluster(nodes: Int) async throws -> RunningControllers {
        let cluster = try await RunningControllers(Self.controllers)
        for index in 0..<nodes {
            try await cluster.create(.nodes, "n\(index)", ["metadata": ["labels": ["gpu": "true"]]])
        }
        return cluster
    }

    private static func nodes(_ state: ClusterState) -> [String] {
        state.objects(.pods).filter { !$0.isBeingDeleted }.compactMap(DaemonSetPods.node(of:)).sorted()
    }

    @Test("there is one pod on each node that is selected and whose taints are tolerated")
    func places() async throws {
        let cluster = try await cluster(nodes: 2)
        try await cluster.create(.nodes, "plain", [:])
        try await cluster.create(
            .nodes,
            "tainted",
            [
                "metadata": ["labels": ["gpu": "true"]],
                "spec": ["taints": [["key": "k", "value": "v", "effect": "NoSchedule"]]],
            ]
        )
        try await cluster.create(
            .nodes,
            "cordoned",
            [
                "metadata": ["labels": ["gpu": "true"]],
                "spec": ["taints": [["key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"]]],
            ]
        )
        try await cluster.create(.daemonSets, "agent", Self.set)
        try await cluster.eventually("placed") { state in
            Self.nodes(state) == ["cordoned", "n0", "n1"]
                && state.object(.daemonSets, "default", "agent")?.status["numberAvailable"] == 3
        }
        try await cluster.api.update(.nodes, ObjectKey(name: "plain"), as: "test") {
            $0.setLabel("gpu", "true")
        }
        try await cluster.eventually("followed") { Self.nodes($0) == ["cordoned", "n0", "n1", "plain"] }
        try await cluster.api.update(.nodes, ObjectKey(name: "n0"), as: "test") { $0.setLabel("gpu", nil) }
        try await cluster.eventually("left") { state in
            Self.nodes(state) == ["cordoned", "n1", "plain"]
                && state.object(.daemonSets, "default", "agent")?.status["desiredNumberScheduled"] == 3
        }
    }

    @Test("an update replaces no more pods at once than may be unavailable")
    func updates() async throws {
        let cluster = try await cluster(nodes: 4)
        try await cluster.create(.daemonSets, "agent", Self.set)
        try await cluster.eventually("placed") {
            $0.object(.daemonSets, "default", "agent")?.status["numberAvailable"] == 4
        }
        let revision = cluster.api.state.revision
        try await cluster.update(.daemonSets, "agent") { set in
            set.json[at: "spec", "template", "spec", "containers"] = [["name": "c", "image": "agent:2"]]
        }
        try await cluster.eventually("updated") { state in
            let set = state.object(.daemonSets, "default", "agent")
            return set?.status["updatedNumberScheduled"] == 4 && set?.status["numberAvailable"] == 4
                && state.objects(.pods).allSatisfy { DeploymentControllerTests.image($0) == "agent:2" }
        }
        var ready: Set<String> = []
        var iterator = cluster.api.store.changes(of: .pods, since: 0).makeAsyncIterator()
        for change in try #require(await iterator.next()).changes {
            let pod = try #require(change.object)
            if change.current != nil, PodState.isReady(pod), !pod.isBeingDeleted {
                ready.insert(pod.uid)
            } else {
                ready.remove(pod.uid)
            }
            if change.revision > revision { #expect(ready.count >= 3) }
        }
        #expect(cluster.get(.daemonSets, "agent")?.annotation(DaemonSetStrategy.templateGeneration) == "2")
    }
}
