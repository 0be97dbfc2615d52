import Capacity
import JSON
import Runtimes

/// The body of a wish for a deployment, as the OpenAPI document has it; `Runtimes.DeploymentRequest` reads it.
///
/// It has every field, and allows every value that is read. What a schema cannot say well (that fields go together, that a path has no
/// steps up, that an amount is above nothing) is left to the reader, which names the field.
enum DeploymentWish {
    static var jsonSchema: JSONSchema { schema("DeploymentRequest", isPatch: false) }

    /// The same fields, none of which must be there.
    static var patchSchema: JSONSchema { schema("DeploymentChanges", isPatch: true) }

    /// A field: its name, what it means, and its values. Where it is `null` it is not there.
    private typealias Field = (name: String, description: String, schema: JSONSchema)

    private static func schema(_ title: String, isPatch: Bool) -> JSONSchema {
        .object(title, additionalProperties: .refused) {
            let identity = [
                JSONProperty("name", "The name", name, isRequired: !isPatch, example: "qwen-deployment"),
                JSONProperty(
                    "modelId",
                    "The model: its name on the Hub, or of a file of this machine (`local/…`)",
                    modelID,
                    isRequired: !isPatch,
                    example: "Qwen/Qwen3-0.6B"
                ),
            ]
            return identity + properties(choices + workers + engine + place + kuberay + kaito)
        }
    }

    private static func properties(_ fields: [Field]) -> [JSONProperty] {
        fields.map { JSONProperty($0.name, $0.description, .nullable($0.schema), isRequired: false) }
    }

    private static func object(_ fields: [Field]) -> JSONSchema {
        .object(additionalProperties: .refused) { properties(fields) }
    }

    private static func one<Choice: CaseIterable & RawRepresentable<String>>(
        of type: Choice.Type
    ) -> JSONSchema {
        .enumeration(type.allCases.map(\.rawValue))
    }

    // MARK: Values

    private static let name = JSONSchema.string(pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
    private static let objectName = JSONSchema.string(
        pattern: "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$",
        maximumLength: 253
    )
    private static let part = "[A-Za-z0-9_:+][A-Za-z0-9._:+-]*"
    private static let modelID = JSONSchema.string(pattern: "^\(part)(/\(part))*$", maximumLength: 256)
    private static let path = JSONSchema.string(pattern: "^\(part)(/\(part))*$")
    private static let file = JSONSchema.string(
        pattern: "^(\(part)/)*\(part)\\.[gG][gG][uU][fF]$"
    )
    private static let absolutePath = JSONSchema.string(pattern: "^/[^:]*$", maximumLength: 4096)
    private static let image = JSONSchema.string(
        pattern: "^[A-Za-z0-9][A-Za-z0-9._:+/@-]*$",
        maximumLength: 512
    )
    private static let labelValue = JSONSchema.string(
        pattern: "^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$"
    )
    private static let labels = JSONSchema.map(of: .nullable(labelValue))
    private static let texts = JSONSchema.map(of: .nullable(.string))
    private static let count = JSONSchema.integer(minimum: 0, maximum: 1000)
    private static let gpus = JSONSchema.integer(minimum: 0, maximum: 64)
    private static let parallel = JSONSchema.integer(minimum: 1, maximum: 1024)
    private static let tokens = JSONSchema.integer(minimum: 1, maximum: 1 << 31)
    /// Kubernetes: resource.Quantity, above nothing.
    private static let quantity = JSONSchema.anyOf([
        .integer(minimum: 1),
        .string(
            pattern:
                "^[+]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+|n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$"
        ),
    ])

    // MARK: Fields

    private static var choices: [Field] {
        [
            ("namespace", "Where it goes; the default namespace when it is left out", name),
            (
                "provider", "The runtime; the best that is installed when it is left out",
                one(of: RuntimeID.self)
            ),
            (
                "engine", "The engine; llama.cpp for GGUF files and else vLLM when it is left out",
                one(of: InferenceEngine.self)
            ),
            ("mode", "Whether prompts and answers have workers of their own", one(of: ServingMode.self)),
            (
                "routerMode", "How requests are given to workers",
                .enumeration(RouterMode.allCases.map(\.rawValue) + ["default"])
            ),
            (
                "servedModelName", "What clients call the model; its id when it is left out",
                .string(pattern: "^[^-]", maximumLength: 256)
            ),
            ("ggufFile", "The GGUF file of the repository", file),
            (
                "modelPath", "Where the nodes have the model, which then is not loaded from the Hub",
                absolutePath
            ),
            ("revision", "The branch, tag or commit of the repository", path),
        ]
    }

    private static var workers: [Field] {
        var fields: [Field] = []
        for (prefix, whose) in [
            ("", "Workers"), ("prefill", "Workers that read prompts"),
            ("decode", "Workers that write answers"),
        ] {
            let (replicas, minimum, maximum) =
                prefix.isEmpty
                ? ("replicas", "minReplicas", "maxReplicas")
                : ("\(prefix)Replicas", "\(prefix)MinReplicas", "\(prefix)MaxReplicas")
            fields += [
                (replicas, whose, count), (minimum, "\(whose): the fewest, where they are scaled", count),
                (
                    maximum, "\(whose): the most, where they are scaled",
                    .integer(minimum: 1, maximum: 1000)
                ),
            ]
        }
        return fields + [
            ("prefillGpus", "GPUs of a worker that reads prompts", gpus),
            ("decodeGpus", "GPUs of a worker that writes answers", gpus),
            (
                "resources", "What each worker asks for",
                object([
                    ("gpu", "GPUs", gpus), ("cpu", "Processors", quantity), ("memory", "Memory", quantity),
                    ("gpuResource", "What GPUs are called in the cluster", .string(pattern: "/")),
                ])
            ),
            ("workerCpu", "The same as `resources.cpu`", quantity),
            ("workerMemory", "The same as `resources.memory`", quantity),
            (
                "tensorParallelSize", "GPUs that share each layer; all of a worker's when it is left out",
                parallel
            ),
            ("pipelineParallelSize", "Stages that have some layers each", parallel),
        ]
    }

    private static var engine: [Field] {
        [
            ("contextLength", "The longest context, tokens", tokens),
            ("maxModelLen", "The same as `contextLength`", tokens),
            (
                "enforceEager", "Whether the engine runs without CUDA graphs; true when it is left out",
                .boolean
            ),
            ("enablePrefixCaching", "Whether KV blocks of prompts are kept for later ones", .boolean),
            ("enableChunkedPrefill", "Whether long prompts are read in pieces between answers", .boolean),
            ("trustRemoteCode", "Whether code that comes with the model is run", .boolean),
            (
                "gpuMemoryUtilization", "The part of the GPU memory that the engine uses",
                .number(minimum: 0.1, maximum: 1)
            ),
            ("maxNumSeqs", "The most requests in a batch", .integer(minimum: 1, maximum: 65_536)),
            ("engineArgs", "Further options of the engine by name", .object { [] }),
            (
                "engineExtraArgs", "Further words of the engine's command line",
                .array(of: .string, maximumCount: 128)
            ),
            ("env", "Environment variables of the workers", texts),
        ]
    }

    private static var place: [Field] {
        let toleration = object([
            ("key", "The taint's key", .string), ("value", "The taint's value", labelValue),
            ("operator", "How they are compared", .enumeration(["Exists", "Equal"])),
            (
                "effect", "The taint's effect",
                .enumeration(["NoSchedule", "PreferNoSchedule", "NoExecute"])
            ),
        ])
        let cache = object([
            ("claimName", "The persistent volume claim, which is there already", objectName),
            ("mountPath", "Where it is mounted", absolutePath),
        ])
        return [
            (
                "hfTokenSecret",
                "The secret with the Hugging Face token (key `HF_TOKEN`); not needed for models that are open to all",
                .anyOf([objectName, .constant("")])
            ),
            ("nodeSelector", "Labels that nodes must have", labels),
            (
                "tolerations", "Taints that workers tolerate, beside those of GPU nodes",
                .array(of: toleration, maximumCount: 64)
            ),
            ("modelCache", "A volume on which the engine keeps what it has loaded", cache),
            ("image", "The image of the workers", image),
            ("imageRef", "The same as `image`", image),
            ("rayImage", "The same as `image`", image),
            ("podAnnotations", "Annotations of the pods", texts),
        ]
    }

    private static var kuberay: [Field] {
        [
            (
                "acceleratorType", "The kind of accelerator that Ray looks for, such as A100-40G",
                .string(pattern: "^[A-Za-z][A-Za-z0-9._-]*$", maximumLength: 128)
            ),
            ("headCpu", "Processors of Ray's head", quantity),
            ("headMemory", "Memory of Ray's head", quantity),
            ("kvConnector", "What carries KV blocks to decode workers", one(of: RayOptions.Connector.self)),
        ]
    }

    private static var kaito: [Field] {
        [
            ("modelSource", "Where KAITO has the model from", one(of: KaitoOptions.Source.self)),
            ("premadeModel", "The model in KAITO's image", modelID),
            ("ggufRunMode", "How KAITO runs a GGUF file", one(of: KaitoOptions.GGUFRun.self)),
            ("computeType", "What computes", one(of: KaitoOptions.Compute.self)),
            ("labelSelector", "Labels of the nodes that KAITO takes", labels),
        ]
    }
}
