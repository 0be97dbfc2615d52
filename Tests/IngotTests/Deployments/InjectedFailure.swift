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
        /// No node takes pods any more that have to start anew.
        case closedNodes
        /// More workers are wished for than there are GPUs.
        case manyWorkers
    }

    /// The failure in the annotation `ingot.dev/simulate`.
    let name: String
    var means = Means.startingPods
    /// The phase of a deployment whose workers have it.
    let phase: DeploymentPhase
    /// The code of the diagnosis.
    let code: DiagnosisCode
    /// What a pod is told to have.
    var reason: String?
    /// Where it happens: everywhere, or on those runtimes alone.
    var runtimes = Set(RuntimeID.allCases)

    var description: String { name }

    static let all: [InjectedFailure] = [
        .init(
            name: "ImagePullBackOff",
            phase: .failed,
            code: .imageNotFound,
            reason: "ImagePullBackOff"
        ),
        .init(
            name: "CrashLoopBackOff",
            phase: .failed,
            code: .crashLoop,
            reason: "CrashLoopBackOff"
        ),
        .init(
            name: "OOMKilled",
            phase: .failed,
            code: .hostOutOfMemory,
            reason: "OOMKilled"
        ),
        .init(
            name: "CreateContainerConfigError",
            phase: .failed,
            code: .configMissing,
            reason: "CreateContainerConfigError"
        ),
        .init(name: "StartupProbeFailure", phase: .deploying, code: .startingSlowly),
        .init(name: "SlowStart=10m", phase: .deploying, code: .startingSlowly),
        .init(name: "ReadinessProbeFailure", phase: .deploying, code: .probeFailing),
        .init(
            name: "LivenessProbeFailure",
            phase: .failed,
            code: .probeFailing,
            reason: "CrashLoopBackOff",
            // The others end a container when it has failed for a minute.
            runtimes: [.dynamo]
        ),
        .init(name: "Unreachable", means: .runningPods, phase: .deploying, code: .nodeLost),
        .init(name: "NotReady", means: .startingPods, phase: .pending, code: .nodeLost),
        .init(name: "Evicted", means: .evictedPods, phase: .pending, code: .untoleratedTaint),
        .init(name: "cordoned nodes", means: .closedNodes, phase: .pending, code: .untoleratedTaint),
        .init(
            name: "too many workers",
            means: .manyWorkers,
            phase: .deploying,
            code: .insufficientGPU,
            // KAITO's workers are as many as they were made.
            runtimes: Set(RuntimeID.allCases).subtracting([.kaito])
        ),
    ]
}
