import HTTPClient
import JSON
import KubernetesModel
import Logging
import Testing

@testable import EmbeddedCluster

/// Operators of a whole cluster, with its API server and its folder.
@Suite(.timeLimit(.minutes(10)))
struct OperatorInstallationTests {
    /// One object of an operator, and what tells that it is as it should be.
    struct Workload: Sendable, CustomTestStringConvertible {
        let `operator`: String
        let resource: GroupResource
        let json: JSONValue
        /// The resource whose `spec.replicas` the operator keeps, or which may be scaled.
        let isReady: @Sendable (KubernetesObject) -> Bool

        var testDescription: String { `operator` }
    }

    private static let pod: JSONValue = ["containers": [["name": "model", "image": "nginx"]]]

    static let workloads: [Workload] = [
        Workload(
            operator: "dynamo",
            resource: DynamoOperator.graphs,
            json: [
                "spec": [
                    "services": [
                        "Frontend": [
                            "componentType": "frontend",
                            "extraPodSpec": ["mainContainer": ["image": "nginx"]],
                        ]
                    ]
                ]
            ],
            isReady: { $0.status["state"] == "successful" }
        ),
        Workload(
            operator: "kuberay",
            resource: KubeRayOperator.clusters,
            json: ["spec": ["headGroupSpec": ["rayStartParams": [:], "template": ["spec": pod]]]],
            isReady: { $0.status["state"] == "ready" }
        ),
        Workload(
            operator: "kaito",
            resource: KaitoOperator.workspaces,
            json: [
                "resource": ["labelSelector": ["matchLabels": ["kubernetes.io/os": "linux"]]],
                "inference": ["template": ["spec": pod]],
            ],
            isReady: { $0.isTrue("WorkspaceSucceeded") }
        ),
        Workload(
            operator: "kserve",
            resource: KServeOperator.services,
            json: ["spec": ["predictor": pod]],
            isReady: { $0.isTrue("Ready") }
        ),
    ]

    private static func start(_ folder: String) async throws -> EmbeddedCluster {
        try await EmbeddedCluster.start(
            EmbeddedCluster.Settings(folder: folder, pace: .immediate),
            client: HTTPClient(),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    private static func eventually(
        _ what: Comment,
        _ cluster: EmbeddedCluster,
        _ isFulfilled: @escaping @Sendable (ClusterState) -> Bool
    ) async throws {
        while true {
            let state = cluster.api.state
            if isFulfilled(state) { return }
            try #require(!Task.isCancelled, what)
            await withTaskGroup(of: Void.self) { group in
                for definition in cluster.api.catalog.definitions {
                    group.addTask {
                        await cluster.api.store.waitForChange(
                            of: definition.groupResource,
                            since: state.revision
                        )
                    }
                }
                await group.next()
                group.cancelAll()
            }
        }
    }

    @Test(
        "an operator goes on after a restart of the cluster; removed with its definitions it leaves nothing",
        arguments: workloads
    )
    func survivesRestarts(_ workload: Workload) async throws {
        let directory = try TemporaryDirectory()
        let folder = directory.file("cluster")
        let first = try await Self.start(folder)
        try await first.installOperator(workload.operator)
        #expect(first.installedOperators == [workload.operator])
        // What is there stays as it is.
        try await first.installOperator(workload.operator)
        try await Self.create(workload, "before", first)
        try await Self.eventually("the first is ready", first) { state in
            state.object(workload.resource, "default", "before").map(workload.isReady) ?? false
        }
        await first.stop()

        let second = try await Self.start(folder)
        #expect(second.installedOperators == [workload.operator])
        try await Self.create(workload, "after", second)
        try await Self.eventually("both are ready", second) { state in
            ["before", "after"].allSatisfy { name in
                state.object(workload.resource, "default", name).map(workload.isReady) ?? false
            }
        }
        try await second.uninstallOperator(workload.operator, definitions: true)
        #expect(second.installedOperators.isEmpty)
        try await Self.eventually("everything is gone", second) { state in
            state.objects(.customResourceDefinitions).isEmpty && state.objects(.deployments).isEmpty
                && state.objects(.statefulSets).isEmpty && state.objects(.pods).isEmpty
                && state.objects(workload.resource).isEmpty
        }
        await second.stop()
    }

    private static func create(
        _ workload: Workload,
        _ name: String,
        _ cluster: EmbeddedCluster
    ) async throws {
        var object = KubernetesObject(workload.json)
        object.name = name
        object.namespace = "default"
        try await cluster.api.create(workload.resource, object, as: "test")
    }

    @Test(
        "an operator that is removed alone leaves its custom resources, which nobody looks after until it is back"
    )
    func leavesResources() async throws {
        let directory = try TemporaryDirectory()
        let cluster = try await Self.start(directory.file("cluster"))
        let workload = try #require(Self.workloads.last)
        try await cluster.installOperator(workload.operator)
        try await Self.create(workload, "one", cluster)
        try await Self.eventually("it is ready", cluster) { state in
            state.object(workload.resource, "default", "one").map(workload.isReady) ?? false
        }
        try await cluster.uninstallOperator(workload.operator)
        try await Self.eventually("the operator is gone", cluster) { state in
            state.objects(.pods, in: "kserve").isEmpty
        }
        #expect(cluster.installedOperators.isEmpty)
        try await Self.create(workload, "two", cluster)
        #expect(cluster.api.get(workload.resource, ObjectKey(namespace: "default", name: "one")) != nil)
        try await cluster.installOperator(workload.operator)
        try await Self.eventually("it is looked after", cluster) { state in
            state.object(workload.resource, "default", "two").map(workload.isReady) ?? false
        }
        await #expect(throws: (any Error).self) { try await cluster.installOperator("unheard-of") }
        await cluster.stop()
    }
}
