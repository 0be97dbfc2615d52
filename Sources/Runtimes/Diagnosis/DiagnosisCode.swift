/// What keeps a deployment from serving, in a word that never changes.
public enum DiagnosisCode: String, Sendable, Hashable, CaseIterable {
    // MARK: It is as it should be

    /// It serves.
    case running = "RUNNING"
    /// It was asked to have no workers.
    case scaledToZero = "SCALED_TO_ZERO"

    // MARK: Places for pods

    /// Too few GPUs are free, or no node has as many.
    case insufficientGPU = "INSUFFICIENT_GPU"
    /// Too little CPU is free.
    case insufficientCPU = "INSUFFICIENT_CPU"
    /// Too little memory is free on the nodes.
    case insufficientMemory = "INSUFFICIENT_MEMORY"
    /// Nodes that would do have a taint that the pods do not tolerate.
    case untoleratedTaint = "UNTOLERATED_TAINT"
    /// No node has the labels that the pods ask for.
    case nodeSelectorMismatch = "NODE_SELECTOR_MISMATCH"
    /// A volume is not there, not bound, or cannot be attached.
    case volumePending = "VOLUME_PENDING"
    /// A node is on its way.
    case nodeProvisioning = "NODE_PROVISIONING"
    /// A quota of the namespace is used up.
    case quotaExceeded = "QUOTA_EXCEEDED"
    /// Something that checks objects before they are made refused one.
    case admissionRefused = "ADMISSION_REFUSED"

    // MARK: Images

    /// The registry wants to know who asks.
    case imagePullAuth = "IMAGE_PULL_AUTH"
    /// There is no such image, or not for this machine.
    case imageNotFound = "IMAGE_NOT_FOUND"
    /// The image could not be loaded for another reason.
    case imagePullFailed = "IMAGE_PULL_FAILED"
    /// The program that stands for the image on an embedded cluster is not on this machine.
    case programMissing = "PROGRAM_MISSING"
    /// The image is being loaded.
    case imagePulling = "IMAGE_PULLING"

    // MARK: The model

    /// The model needs a token of the Hub, and there is none.
    case tokenMissing = "HF_TOKEN_MISSING"
    /// The Hub does not know the token.
    case tokenInvalid = "HF_TOKEN_INVALID"
    /// The token's owner may not have the model.
    case gated = "HF_GATED"
    /// There is no such model, revision or file.
    case modelNotFound = "MODEL_NOT_FOUND"
    /// The model's files are broken or incomplete.
    case modelCorrupt = "MODEL_CORRUPT"
    /// The Hub does not answer, or answers that too much is asked.
    case hubUnreachable = "HUB_UNREACHABLE"
    /// The engine does not know models of this architecture.
    case unsupportedArchitecture = "UNSUPPORTED_ARCHITECTURE"
    /// The model comes with code, which the engine was not told to run.
    case remoteCodeRequired = "REMOTE_CODE_REQUIRED"

    // MARK: The engine

    /// The GPU's memory is used up.
    case cudaOutOfMemory = "CUDA_OOM"
    /// The memory that the container may use is used up.
    case hostOutOfMemory = "HOST_OOM"
    /// Shared memory (`/dev/shm`) is used up.
    case sharedMemoryTooSmall = "SHARED_MEMORY_TOO_SMALL"
    /// The context is longer than the model or the memory allows.
    case contextTooLong = "CONTEXT_TOO_LONG"
    /// No memory is left for the KV cache.
    case keyValueCacheTooSmall = "KV_CACHE_TOO_SMALL"
    /// The model cannot be split into as many parts.
    case tensorParallelNotDivisible = "TP_NOT_DIVISIBLE"
    /// The engine does not know an argument, or not such a value of it.
    case badArgument = "BAD_ARGUMENT"
    /// The GPU is too old for what is asked of it.
    case unsupportedGPU = "UNSUPPORTED_GPU"
    /// The driver of the GPU is missing, too old, or does not answer.
    case cudaDriver = "CUDA_DRIVER"
    /// The GPU reports an error of its own.
    case gpuFault = "GPU_FAULT"
    /// GPUs or nodes cannot talk to each other.
    case collectiveCommunication = "NCCL"
    /// A disk is full.
    case diskFull = "DISK_FULL"

    // MARK: Pods and operators

    /// A container cannot be made, since something that it refers to is not there.
    case configMissing = "CONFIG_MISSING"
    /// A container ends again and again, and nothing says why.
    case crashLoop = "CRASH_LOOP"
    /// The engine runs, but does not answer that it is well.
    case probeFailing = "PROBE_FAILING"
    /// It is on its way, and takes long.
    case startingSlowly = "STARTING_SLOWLY"
    /// The node is gone, or its kubelet does not answer.
    case nodeLost = "NODE_LOST"
    /// The node put the pod out, or another pod took its place.
    case evicted = "EVICTED"
    /// The operator, or its definitions, are not there.
    case operatorMissing = "OPERATOR_MISSING"
    /// The operator says that it failed.
    case operatorFailed = "OPERATOR_FAILED"
    /// It is being deleted.
    case terminating = "TERMINATING"
    /// It is being deleted, and something holds it back.
    case terminatingStuck = "TERMINATING_STUCK"
    /// Nothing that is known explains it.
    case unknown = "UNKNOWN"
}

extension DiagnosisCode {
    /// All of them, those first that explain others: memory that is used up explains that a container ends again and again.
    static let bySpecificity: [DiagnosisCode] = [
        .terminatingStuck, .terminating, .scaledToZero,
        // What an engine has said.
        .sharedMemoryTooSmall, .tokenInvalid, .gated, .tokenMissing, .modelNotFound, .hubUnreachable,
        .remoteCodeRequired, .contextTooLong, .keyValueCacheTooSmall, .cudaOutOfMemory,
        .tensorParallelNotDivisible, .unsupportedArchitecture, .modelCorrupt, .gpuFault, .unsupportedGPU,
        .cudaDriver, .badArgument, .hostOutOfMemory, .diskFull, .collectiveCommunication,
        // What a kubelet has said.
        .configMissing, .programMissing, .imagePullAuth, .imageNotFound, .imagePullFailed, .evicted,
        .nodeLost,
        // What the scheduler and those who make pods have said.
        .admissionRefused, .quotaExceeded, .volumePending, .nodeProvisioning, .insufficientGPU,
        .insufficientMemory, .insufficientCPU, .untoleratedTaint, .nodeSelectorMismatch,
        .operatorMissing, .operatorFailed,
        // What says that something is wrong, but not what.
        .probeFailing, .crashLoop, .imagePulling, .startingSlowly, .unknown, .running,
    ]

    /// Whether nothing has gone wrong as yet, as far as it says.
    var isProgress: Bool {
        switch self {
        case .imagePulling, .startingSlowly, .unknown: true
        default: false
        }
    }

    /// Whether it says that something is wrong, but not what.
    var isGeneral: Bool {
        switch self {
        case .probeFailing, .crashLoop, .imagePulling, .startingSlowly, .unknown, .running: true
        default: false
        }
    }
}
