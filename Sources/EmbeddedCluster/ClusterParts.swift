import KubernetesModel
import Logging

/// What keeps a cluster going behind its API: controllers, the scheduler and the kubelets.
struct ClusterParts: Sendable {
    let api: ClusterAPI
    let clock: any Clock<Duration>
    let logger: Logger
    private let controllers: [any Controller]
    private let nodes: SimulatedNodes

    init(
        api: ClusterAPI,
        nodes: [NodeSpecification],
        pace: KubeletPace,
        rootCertificate: String,
        clock: any Clock<Duration>,
        logger: Logger
    ) {
        self.api = api
        self.clock = clock
        self.logger = logger
        controllers =
            BuiltInControllers.all(rootCertificate: rootCertificate) + [Scheduler()]
            + SimulatedKubelets.controllers(api, pace: pace)
        self.nodes = SimulatedNodes(specifications: nodes, api: api, clock: clock, logger: logger)
    }

    /// Makes the objects that everything else relies on.
    func prepare() async throws(APIStatus) {
        try await nodes.register()
    }

    /// Runs until the task is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for controller in controllers {
                let loop = ControllerLoop(controller: controller, api: api, clock: clock, logger: logger)
                group.addTask { await loop.run() }
            }
            group.addTask { await nodes.run() }
        }
    }
}
