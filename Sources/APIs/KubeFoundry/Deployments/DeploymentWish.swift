import Capacity
import JSON
import Runtimes

/// The body of a wish for a deployment, as the OpenAPI document has it; `Runtimes.DeploymentRequest` reads it.
enum DeploymentWish {
    private static let name = JSONSchema.string(pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
    private static let quantity = JSONSchema.string(pattern: "^[1-9][0-9]{0,5}(m|Mi|Gi)?$")
    private static let count = JSONSchema.integer(minimum: 0, maximum: 1000)
    private static let gpus = JSONSchema.integer(minimum: 0, maximum: 64)

    static var jsonSchema: JSONSchema { schema("DeploymentRequest", isPatch: false) }

    /// The same fields, none of which must be there.
    static var patchSchema: JSONSchema { schema("DeploymentChanges", isPatch: true) }

    private static func schema(_ title: String, isPatch: Bool) -> JSONSchema {
        .object(title) {
            [
                JSONProperty("name", "The name", name, isRequired: !isPatch, example: "qwen-deployment"),
                JSONProperty(
                    "modelId",
                    "The model: its name on the Hub, or of a file of this machine (`local/…`)",
                    .string(pattern: "^[A-Za-z0-9]{1,40}/[A-Za-z0-9]{1,40}$"),
                    isRequired: !isPatch,
                    example: "Qwen/Qwen3-0.6B"
                ),
            ]
                + optional.map { field, description, schema in
                    JSONProperty(field, description, schema, isRequired: false)
                }
        }
    }

    private static var optional: [(String, String, JSONSchema)] {
        choices + workers + engine + place
    }

    private static var choices: [(String, String, JSONSchema)] {
        [
            ("namespace", "Where it goes; the default namespace when it is left out", name),
            (
                "provider", "The runtime; the best that is installed when it is left out",
                .enumeration(RuntimeID.allCases.map(\.rawValue))
            ),
            (
                "engine", "The engine; llama.cpp for GGUF files and else vLLM when it is left out",
                .enumeration(InferenceEngine.allCases.map(\.rawValue))
            ),
            (
                "mode", "Whether prompts and answers have workers of their own",
                .enumeration(ServingMode.allCases.map(\.rawValue))
            ),
            (
                "routerMode", "How requests are given to workers",
                .enumeration(RouterMode.allCases.map(\.rawValue))
            ),
            (
                "servedModelName", "What clients call the model; its id when it is left out",
                .string(pattern: "^[A-Za-z0-9]{1,40}$")
            ),
            ("ggufFile", "The GGUF file of the repository", .string(pattern: "^[A-Za-z0-9]{1,40}\\.gguf$")),
        ]
    }

    private static var workers: [(String, String, JSONSchema)] {
        [
            ("replicas", "How many workers", count),
            ("prefillReplicas", "How many workers that read prompts", count),
            ("decodeReplicas", "How many workers that write answers", count),
            ("prefillGpus", "GPUs of a worker that reads prompts", gpus),
            ("decodeGpus", "GPUs of a worker that writes answers", gpus),
            (
                "resources", "What each worker asks for",
                .object {
                    [
                        JSONProperty("gpu", "GPUs", gpus, isRequired: false, example: 1),
                        JSONProperty("cpu", "Processors", quantity, isRequired: false, example: "8"),
                        JSONProperty("memory", "Memory", quantity, isRequired: false, example: "64Gi"),
                    ]
                }
            ),
        ]
    }

    private static var engine: [(String, String, JSONSchema)] {
        [
            ("contextLength", "The longest context, tokens", .integer(minimum: 1, maximum: 1 << 31)),
            (
                "enforceEager", "Whether the engine runs without CUDA graphs; true when it is left out",
                .boolean
            ),
            ("enablePrefixCaching", "Whether KV blocks of prompts are kept for later ones", .boolean),
            ("trustRemoteCode", "Whether code that comes with the model is run", .boolean),
            (
                "gpuMemoryUtilization", "The part of the GPU memory that the engine uses",
                .number(minimum: 0.1, maximum: 1)
            ),
            ("maxNumSeqs", "The most requests in a batch", .integer(minimum: 1, maximum: 65_536)),
            ("engineArgs", "Further options of the engine by name", .object { [] }),
            (
                "engineExtraArgs", "Further words of the engine's command line",
                .array(of: .string(pattern: "^[A-Za-z0-9=-]{1,40}$"), maximumCount: 128)
            ),
        ]
    }

    private static var place: [(String, String, JSONSchema)] {
        [
            (
                "hfTokenSecret",
                "The secret with the Hugging Face token; not needed for models that are open to all", name
            ),
            (
                "nodeSelector", "Labels that nodes must have",
                .map(of: .string(pattern: "^[A-Za-z0-9]{1,40}$"))
            ),
            ("image", "The image of the workers", .string(pattern: "^[a-z0-9]{1,40}:[a-z0-9]{1,20}$")),
        ]
    }
}
