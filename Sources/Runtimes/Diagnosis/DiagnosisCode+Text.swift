extension DiagnosisCode {
    /// The cause in a sentence, where nothing more is known.
    var summary: String { text.summary }

    /// What helps, the likeliest first.
    var nextSteps: [String] { text.steps }

    private var text: (summary: String, steps: [String]) {
        switch self {
        case .running: ("The deployment is running.", [])
        case .scaledToZero:
            ("The deployment is asked to have no workers.", ["Set replicas to 1 or more."])
        case .insufficientGPU, .insufficientCPU, .insufficientMemory, .untoleratedTaint,
            .nodeSelectorMismatch, .volumePending, .nodeProvisioning, .quotaExceeded, .admissionRefused:
            placement
        case .imagePullAuth, .imageNotFound, .imagePullFailed, .programMissing, .imagePulling: image
        case .tokenMissing, .tokenInvalid, .gated, .modelNotFound, .modelCorrupt, .hubUnreachable,
            .unsupportedArchitecture, .remoteCodeRequired:
            model
        case .cudaOutOfMemory, .hostOutOfMemory, .sharedMemoryTooSmall, .contextTooLong,
            .keyValueCacheTooSmall:
            memory
        case .tensorParallelNotDivisible, .badArgument, .unsupportedGPU, .cudaDriver, .gpuFault,
            .collectiveCommunication, .diskFull:
            engine
        case .configMissing, .crashLoop, .probeFailing, .startingSlowly, .nodeLost, .evicted,
            .operatorMissing, .operatorFailed, .terminating, .terminatingStuck, .unknown:
            operation
        }
    }

    private var placement: (String, [String]) {
        switch self {
        case .insufficientGPU:
            (
                "Too few GPUs are free for the pods.",
                [
                    "Ask for fewer GPUs, or for a smaller or more quantized model.",
                    "Delete or scale down a deployment that holds GPUs.", "Add a node with GPUs.",
                ]
            )
        case .insufficientCPU:
            (
                "Too little CPU is free on the nodes that would do.",
                ["Ask for less CPU.", "Add a node, or free CPU on those with GPUs."]
            )
        case .insufficientMemory:
            (
                "Too little memory is free on the nodes that would do.",
                ["Ask for less memory.", "Add a node with more memory."]
            )
        case .untoleratedTaint:
            (
                "The nodes that would do have a taint that the pods do not tolerate.",
                ["Add the taint to the deployment's tolerations.", "Take the taint off the nodes."]
            )
        case .nodeSelectorMismatch:
            (
                "No node has the labels that the pods ask for.",
                ["Correct the deployment's node selector.", "Label the nodes that are to serve it."]
            )
        case .volumePending:
            (
                "A volume of the pods is not there yet.",
                [
                    "Check that the persistent volume claim exists and is bound.",
                    "Check that its storage class can provide volumes, and in the zone of the GPUs.",
                ]
            )
        case .nodeProvisioning:
            ("A node for the pods is being provided.", ["Wait: a node with GPUs takes some minutes."])
        case .quotaExceeded:
            (
                "A quota of the namespace is used up.",
                ["Ask for less, or delete what is not needed.", "Raise the quota of the namespace."]
            )
        default:
            (
                "The cluster refused an object of the deployment.",
                ["Change what the message names, or ask the cluster's administrators about the policy."]
            )
        }
    }

    private var image: (String, [String]) {
        switch self {
        case .imagePullAuth:
            (
                "The registry does not let the cluster load the image without credentials.",
                ["Give the namespace's service account an image pull secret.", "Choose another image."]
            )
        case .imageNotFound:
            ("There is no such image.", ["Correct the image's name and tag.", "Choose the usual image."])
        case .imagePullFailed:
            (
                "The image could not be loaded.",
                ["Check that the nodes reach the registry.", "Check the space left on the nodes' disks."]
            )
        case .programMissing:
            (
                "The program that stands for the image is not on this machine.",
                [
                    "Install the program that the message names, such as llama-server of llama.cpp.",
                    "Start Ingot with the program's folder in PATH.",
                    "For an image of your own, name its command in cluster.embedded.images.",
                ]
            )
        default: ("The image is being loaded.", ["Wait: images of engines have many gigabytes."])
        }
    }

    private var model: (String, [String]) {
        switch self {
        case .tokenMissing:
            (
                "The model can only be loaded with a Hugging Face token, and there is none.",
                [
                    "Save a Hugging Face token, and name its secret in hfTokenSecret.",
                    "Check that the secret is in the deployment's namespace and has the key HF_TOKEN.",
                ]
            )
        case .tokenInvalid:
            ("Hugging Face does not know the token.", ["Make a new token, and save it in the secret."])
        case .gated:
            (
                "The token's owner has no access to the model.",
                [
                    "Ask for access on the model's page at Hugging Face.",
                    "Check that the token may read gated repositories.",
                ]
            )
        case .modelNotFound:
            (
                "The model, its revision or its file was not found.",
                [
                    "Correct the model's id, revision and file.",
                    "If it is private, give a token that may read it.",
                ]
            )
        case .modelCorrupt:
            (
                "The model's files are broken or incomplete.",
                ["Delete them from the model cache, so that they are loaded again."]
            )
        case .hubUnreachable:
            (
                "The engine could not load from Hugging Face.",
                [
                    "Check that pods reach huggingface.co: DNS, proxies and network policies.",
                    "Keep models in a model cache.",
                ]
            )
        case .unsupportedArchitecture:
            (
                "The engine does not know models of this architecture.",
                ["Choose a newer image of the engine.", "Choose another engine or another model."]
            )
        default:
            (
                "The model comes with code that the engine was not told to run.",
                ["Set trustRemoteCode if you trust the model's authors."]
            )
        }
    }

    private var memory: (String, [String]) {
        switch self {
        case .cudaOutOfMemory:
            (
                "The memory of the GPU is used up.",
                [
                    "Use more GPUs (tensor parallel), or GPUs with more memory.",
                    "Choose a more quantized model, or a shorter context.",
                    "Check that no other process uses the GPU.",
                ]
            )
        case .hostOutOfMemory:
            (
                "The container used more memory than it may.",
                ["Raise resources.memory.", "Choose a smaller model."]
            )
        case .sharedMemoryTooSmall:
            (
                "The shared memory of the container (/dev/shm) is used up.",
                ["Mount an emptyDir with the medium Memory at /dev/shm."]
            )
        case .contextTooLong:
            (
                "The context is longer than the model or the memory for its KV cache allows.",
                ["Set contextLength to a smaller number.", "Use more GPUs, or GPUs with more memory."]
            )
        default:
            (
                "The model leaves no memory for the KV cache.",
                [
                    "Raise gpuMemoryUtilization.", "Use more GPUs, or GPUs with more memory.",
                    "Choose a more quantized model.",
                ]
            )
        }
    }

    private var engine: (String, [String]) {
        switch self {
        case .tensorParallelNotDivisible:
            (
                "The model cannot be split over as many GPUs.",
                ["Choose a number of GPUs that divides the model's attention heads, such as 1, 2, 4 or 8."]
            )
        case .badArgument:
            (
                "The engine refused an argument.",
                ["Correct engineArgs for this version of the engine."]
            )
        case .unsupportedGPU:
            (
                "The GPU is too old for what the model or the engine needs.",
                ["Choose newer GPUs, another data type or another quantization."]
            )
        case .cudaDriver:
            (
                "The driver of the GPU is missing, too old, or does not answer.",
                [
                    "Update the driver on the node, or choose an image made for an older CUDA.",
                    "Check that the NVIDIA device plugin and container toolkit work on the node.",
                ]
            )
        case .gpuFault:
            (
                "The GPU reports an error of its own.",
                ["Drain the node and reset or replace the GPU."]
            )
        case .collectiveCommunication:
            (
                "The GPUs or nodes of a worker cannot talk to each other.",
                [
                    "Look for the first error in the logs of all workers.",
                    "Check network policies, the network's interface (NCCL_SOCKET_IFNAME) and shared memory.",
                ]
            )
        default:
            (
                "A disk is full.",
                ["Use a larger model cache.", "Free space on the node's disk."]
            )
        }
    }

    private var operation: (String, [String]) {
        switch self {
        case .configMissing:
            (
                "A container cannot be made, since something that it refers to is not there.",
                ["Make the secret or config map that the message names, with the key that it names."]
            )
        case .crashLoop:
            ("The container ends again and again.", ["Read the last lines of its log."])
        case .probeFailing:
            (
                "The engine runs, but does not answer its health checks.",
                ["Read its log: it may still be loading the model, or hang."]
            )
        case .startingSlowly:
            ("The engine is still starting.", ["Wait, and follow its log."])
        case .nodeLost:
            (
                "The node does not answer any more.",
                ["Look at the node; delete the pod once it is sure to be gone."]
            )
        case .evicted:
            (
                "The node put the pod out.",
                ["Ask for as much memory and disk as the engine uses.", "Give it a higher priority."]
            )
        case .operatorMissing:
            ("The runtime's operator is not there.", ["Install the runtime."])
        case .operatorFailed:
            ("The runtime's operator says that it failed.", ["Read the operator's message and its log."])
        case .terminating: ("The deployment is being deleted.", ["Wait until it is gone."])
        case .terminatingStuck:
            (
                "The deployment is being deleted, but something holds it back.",
                ["Check that the operator that owns its finalizers runs."]
            )
        default: ("Nothing that is known explains it.", ["Read the events and logs of its pods."])
        }
    }
}
