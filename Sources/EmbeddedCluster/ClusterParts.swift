import KubernetesModel
import Logging

/// What keeps a cluster going behind its API: controllers, the scheduler and the kubelets.
struct ClusterParts: Sendable {
    let api: ClusterAPI
    let clock: any Clock<Duration>
    let logger: Logger
    let controllers: [any Controller]

    init(api: ClusterAPI, clock: any Clock<Duration>, logger: Logger) {
        self.api = api
        self.clock = clock
        self.logger = logger
        controllers = []
    }

    /// Runs until the task is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for controller in controllers {
                let loop = ControllerLoop(controller: controller, api: api, clock: clock, logger: logger)
                group.addTask { await loop.run() }
            }
        }
    }
}
