import Capacity
import JSON

/// The body of a question of fit, as the OpenAPI document has it; the core reads it. Docs/fit.md says more of each member.
enum FitBody {
    private static let modelID = JSONSchema.string(pattern: "^[A-Za-z0-9]{1,40}/[A-Za-z0-9]{1,40}$")

    static var jsonSchema: JSONSchema {
        .object("FitRequest") {
            [
                JSONProperty(
                    "model",
                    "The name of a model on the Hub, or an object with `id`, or with `config` and what else is known of it",
                    .anyOf([modelID, model]),
                    example: "Qwen/Qwen3-8B"
                ),
                JSONProperty(
                    "engine",
                    "The engine; when it is not named llama.cpp for GGUF files, vLLM for others",
                    engine,
                    isRequired: false
                ),
                JSONProperty(
                    "devices",
                    "The GPUs, each kind on its own; this cluster's when there are none",
                    .array(of: device, minimumCount: 1, maximumCount: 64),
                    isRequired: false
                ),
                JSONProperty(
                    "nodes",
                    "The nodes of this cluster whose GPUs are meant",
                    .object {
                        [
                            JSONProperty(
                                "selector",
                                "Labels with commas between them",
                                .string(pattern: "^[a-z]{1,20}=[a-z]{1,20}$"),
                                isRequired: false,
                                example: "pool=gpu"
                            )
                        ]
                    },
                    isRequired: false
                ),
                JSONProperty("workload", "What is to be served", workload, isRequired: false),
            ]
        }
    }

    private static var model: JSONSchema {
        .object {
            [
                JSONProperty("id", "The name on the Hub", modelID, example: "Qwen/Qwen3-8B"),
                JSONProperty(
                    "file",
                    "The GGUF file of the repository, of a split one any part; a default one when it is not named",
                    .string(pattern: "^[A-Za-z0-9]{1,40}\\.gguf$"),
                    isRequired: false,
                    example: "Qwen3-8B-Q4_K_M.gguf"
                ),
            ]
        }
    }

    static let engineNames = ["vllm", "sglang", "trtllm", "llamacpp"]

    private static var engine: JSONSchema {
        .object {
            [
                JSONProperty("name", "Its name", .enumeration(engineNames), isRequired: false),
                JSONProperty(
                    "version",
                    "Its version; the newest that is known when it is not named",
                    .string(pattern: "^[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}$"),
                    isRequired: false,
                    example: "0.33.0"
                ),
            ]
        }
    }

    private static var device: JSONSchema {
        .object {
            [
                JSONProperty(
                    "product",
                    "The product, as the node's label has it, or a short name",
                    .string(minimumLength: 1),
                    example: "NVIDIA-L4"
                ),
                JSONProperty(
                    "count",
                    "How many",
                    .integer(minimum: 1, maximum: 4096),
                    isRequired: false,
                    example: 4
                ),
                JSONProperty(
                    "memory_mib",
                    "The label of the memory of one, MiB",
                    .integer(minimum: 1, maximum: 1 << 26),
                    isRequired: false,
                    example: 23034
                ),
            ]
        }
    }

    private static var workload: JSONSchema {
        .object {
            [
                JSONProperty(
                    "max_model_len",
                    "The longest context, tokens; the model's own when it is not told",
                    .integer(minimum: 1, maximum: 1 << 31),
                    isRequired: false,
                    example: 32768
                ),
                JSONProperty(
                    "concurrency",
                    "Requests of that length at once",
                    .integer(minimum: 1, maximum: 1_000_000),
                    isRequired: false,
                    example: 8
                ),
            ]
        }
    }
}
