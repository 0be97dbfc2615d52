import JSON
import KubernetesModel
import Logging
import Testing

@testable import EmbeddedCluster

/// A cluster with the operators' controllers, the built-in ones that they rely on, a scheduler and simulated kubelets that do
/// everything at once.
struct OperatorCluster: Sendable {
    let running: RunningControllers
    var api: ClusterAPI { running.api }

    /// - Parameters:
    ///   - clock: The time for all; the system's when nil.
    ///   - pace: How fast pods go through their phases.
    init(clock: ManualClock? = nil, pace: KubeletPace = .immediate) async throws {
        let controllers: (ClusterAPI) -> [any Controller] = { api in
            [
                DeploymentController(), ReplicaSetController(), StatefulSetController(),
                EndpointsController(),
                EndpointSliceController(), GarbageCollector(), CustomResourceCleanup(), Scheduler(),
            ] + SimulatedKubelets.controllers(api, pace: pace) + SimulatedOperators.controllers()
        }
        running = try await RunningControllers(controllers, clock: clock)
        try await api.create(
            .namespaces,
            KubernetesObject(["metadata": ["name": "kube-node-lease"]]),
            as: "test"
        )
        let nodes = SimulatedNodes(
            specifications: NodeSpecification.defaultSet,
            api: api,
            clock: ContinuousClock(),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        try await nodes.register()
    }

    /// Installs an operator and returns once its pod is ready.
    ///
    /// - Parameter step: How far the manual clock goes on while somebody waits.
    func install(_ id: String, passing step: Duration? = nil) async throws {
        try await SimulatedOperators.install(id, api)
        let known = try SimulatedOperators.named(id)
        try await running.eventually("\(id) runs", passing: step) { known.isRunning($0) }
        #expect(SimulatedOperators.isInstalled(id, api))
    }

    /// Waits for an object of the namespace `default` to be so, and returns it as it then was.
    @discardableResult
    func eventually(
        _ what: Comment,
        _ resource: GroupResource,
        _ name: String,
        passing step: Duration? = nil,
        _ isFulfilled: @escaping @Sendable (KubernetesObject) -> Bool
    ) async throws -> KubernetesObject {
        let state = try await running.eventually(what, passing: step) { state in
            state.object(resource, "default", name).map(isFulfilled) ?? false
        }
        return try #require(state.object(resource, "default", name))
    }

    /// Waits until none of these resources has an object in the namespace `default`.
    func eventuallyNone(_ resources: [GroupResource]) async throws {
        try await running.eventually("everything is gone") { state in
            resources.allSatisfy { state.objects($0, in: "default").isEmpty }
        }
    }

    /// The pods of the namespace `default` with a label.
    func pods(_ label: String, _ value: String) -> [KubernetesObject] {
        api.list(.pods, in: "default").filter { $0.label(label) == value }
    }
}

extension KubernetesObject {
    func isTrue(_ condition: String) -> Bool { self.condition(condition)?["status"] == "True" }
}
