import HTTPClient
import KubernetesModel
import LocalContainers
import Logging

/// What keeps a cluster going behind its API: controllers, the scheduler and the kubelets.
struct ClusterParts: Sendable {
    let api: ClusterAPI
    let clock: any Clock<Duration>
    let logger: Logger
    private var controllers: [any Controller]
    private let nodes: SimulatedNodes
    private let machine: MachineNode?
    private let podFolder: String

    init(
        api: ClusterAPI,
        nodes: [NodeSpecification],
        pace: KubeletPace,
        machine: MachineSettings?,
        podFolder: String,
        rootCertificate: String,
        clock: any Clock<Duration>,
        logger: Logger
    ) {
        self.api = api
        self.clock = clock
        self.logger = logger
        let images = machine?.images
        controllers =
            BuiltInControllers.all(rootCertificate: rootCertificate)
            + [Scheduler { images?.command(for: $0) != nil }]
            + SimulatedKubelets.controllers(api, pace: pace)
            + SimulatedOperators.controllers()
        self.podFolder = podFolder
        self.machine = machine.map {
            MachineNode($0, root: podFolder, api: api, clock: clock, logger: logger)
        }
        self.nodes = SimulatedNodes(specifications: nodes, api: api, clock: clock, logger: logger)
    }

    /// Makes the objects that everything else relies on.
    mutating func prepare(
        client: HTTPClient,
        token: @escaping PodVolumes.TokenSource
    ) async throws(APIStatus) {
        try await nodes.register()
        try await MachineNode.removeOthers(but: machine?.name, root: podFolder, api)
        if let machine { controllers += try await machine.register(client: client, token: token) }
    }

    /// Runs until the task is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for controller in controllers {
                let loop = ControllerLoop(controller: controller, api: api, clock: clock, logger: logger)
                group.addTask { await loop.run() }
            }
            group.addTask { await nodes.run() }
            if let machine { group.addTask { await machine.run() } }
        }
    }
}
