import JSON
import KubernetesModel
import Testing

@testable import EmbeddedCluster

/// What a controller does for an owner that is deleted after the controller has read it.
@Suite(.timeLimit(.minutes(10)))
struct OwnershipTests {
    private let cluster: RunningControllers
    /// A deployment as a controller has read it.
    private let owner: KubernetesObject

    init() async throws {
        cluster = try await RunningControllers([], kubelet: nil)
        owner = try await cluster.create(.deployments, "web", DeploymentControllerTests.deployment())
        try await cluster.create(
            .replicaSets,
            "orphan",
            [
                "metadata": ["labels": ["app": "web"]],
                "spec": [
                    "selector": ["matchLabels": ["app": "web"]],
                    "template": [
                        "metadata": ["labels": ["app": "web"]],
                        "spec": ["containers": [["name": "c", "image": "nginx:1"]]],
                    ],
                ],
            ]
        )
    }

    private func claim() async throws -> [KubernetesObject] {
        let selector = try LabelSelector("app=web")
        return try await Ownership(api: cluster.api, owner: owner, selector: selector, manager: "test")
            .claim(.replicaSets)
    }

    private func makePod() async throws {
        let events = EventRecorder(api: cluster.api, component: "test")
        let template = owner.spec["template"] ?? .null
        try await PodFactory(api: cluster.api, events: events, owner: owner)
            .create(PodFactory.pod(from: template, owner: owner))
    }

    @Test("an owner that stays adopts what it selects, and gets pods")
    func stays() async throws {
        #expect(try await claim().map(\.controller?.uid) == [owner.uid])
        try await makePod()
        #expect(cluster.api.list(.pods).map(\.controller?.uid) == [owner.uid])
    }

    @Test(
        "an owner that is being deleted, has gone or was made anew adopts nothing and gets no pods",
        arguments: ["being deleted", "gone", "made anew"]
    )
    func goes(how: String) async throws {
        try await cluster.delete(.deployments, "web", how == "being deleted" ? .orphan : .background)
        if how == "made anew" {
            try await cluster.create(.deployments, "web", DeploymentControllerTests.deployment())
        }
        #expect((cluster.get(.deployments, "web") == nil) == (how == "gone"))
        let adoption = await #expect(throws: APIStatus.self) { _ = try await claim() }
        #expect(adoption?.reason == .conflict)
        #expect(cluster.get(.replicaSets, "orphan")?.ownerReferences.isEmpty == true)
        let creation = await #expect(throws: APIStatus.self) { try await makePod() }
        #expect(creation?.reason == .conflict)
        #expect(cluster.api.list(.pods).isEmpty && cluster.api.list(.events).isEmpty)
    }
}
