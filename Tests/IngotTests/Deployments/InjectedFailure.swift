import Runtimes

/// A failure that the embedded cluster simulates, and how Ingot is to tell of it.
struct InjectedFailure: Sendable, CustomStringConvertible {
    /// What is done to make it happen.
    enum Means: Sendable {
        /// The nodes ask for it while pods start there.
        case startingPods
        /// The nodes ask for it while pods run there.
        case runningPods
        /// The pods ask for it, and no node takes others in their place.
        case evictedPods
        /// The nodes are known to have it when pods have to start anew.
        case lostNodes
        /// No node takes pods any more that have to start anew.
        case closedNodes
        /// More workers are wished for than there are GPUs.
        case manyWorkers
    }

    /// The failure in the annotation `ingot.dev/simulate`.
    let name: String
    let means: Means
    /// The phase of a deployment that has nothing but such workers.
    private let phase: DeploymentPhase
    /// The code of the diagnosis.
    let code: DiagnosisCode
    /// What the evidence of the diagnosis has in it.
    let evidence: String
    /// What a pod is told to have.
    let reason: String?
    /// Where it happens: everywhere, or on those runtimes alone.
    let runtimes: Set<RuntimeID>

    var description: String { name }

    static let all: [InjectedFailure] = [
        .init("ImagePullBackOff", .failed, .imageNotFound, "not found", reason: "ImagePullBackOff"),
        .init("CrashLoopBackOff", .failed, .crashLoop, "exit code 1", reason: "CrashLoopBackOff"),
        .init("OOMKilled", .failed, .hostOutOfMemory, "OOMKilled", reason: "OOMKilled"),
        .init(
            "CreateContainerConfigError",
            .failed,
            .configMissing,
            "not found",
            reason: "CreateContainerConfigError"
        ),
        .init(
            "StartupProbeFailure",
            .deploying,
            .startingSlowly,
            "Startup probe failed",
            // Ray's containers have no such probe.
            runtimes: Set(RuntimeID.allCases).subtracting([.kuberay])
        ),
        .init(
            "SlowStart=10m",
            .deploying,
            .startingSlowly,
            "Startup probe failed",
            runtimes: Set(RuntimeID.allCases).subtracting([.kuberay])
        ),
        .init("ReadinessProbeFailure", .deploying, .probeFailing, "Readiness probe failed"),
        .init(
            "LivenessProbeFailure",
            .failed,
            .probeFailing,
            "Liveness probe failed",
            reason: "CrashLoopBackOff"
        ),
        .init("Unreachable", .deploying, .nodeLost, "Node is not ready", means: .runningPods),
        .init("NotReady", .pending, .nodeLost, "node.kubernetes.io/not-ready", means: .lostNodes),
        .init("Evicted", .pending, .untoleratedTaint, "unschedulable", means: .evictedPods),
        .init("cordoned nodes", .pending, .untoleratedTaint, "unschedulable", means: .closedNodes),
        .init(
            "too many workers",
            .deploying,
            .insufficientGPU,
            "Insufficient nvidia.com/gpu",
            means: .manyWorkers,
            // KAITO's workers are as many as they were made.
            runtimes: Set(RuntimeID.allCases).subtracting([.kaito])
        ),
    ]

    private init(
        _ name: String,
        _ phase: DeploymentPhase,
        _ code: DiagnosisCode,
        _ evidence: String,
        reason: String? = nil,
        means: Means = .startingPods,
        runtimes: Set<RuntimeID> = Set(RuntimeID.allCases)
    ) {
        self.name = name
        self.phase = phase
        self.code = code
        self.evidence = evidence
        self.reason = reason
        self.means = means
        self.runtimes = runtimes
    }

    /// Whether a case goes through it.
    func concerns(_ one: DeploymentCase) -> Bool {
        runtimes.contains(one.runtime)
    }

    /// The phase of a deployment whose workers have it.
    func phase(of one: DeploymentCase) -> DeploymentPhase {
        switch one.runtime {
        // Ray Serve calls an application that has lost its workers unhealthy.
        case .kuberay where means != .manyWorkers: .failed
        // A frontend has its place all the same.
        case .dynamo where phase == .pending: .deploying
        default: phase
        }
    }
}
