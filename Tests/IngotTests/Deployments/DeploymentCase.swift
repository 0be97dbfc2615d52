import Capacity
import JSON
import Runtimes
import Testing

/// An engine on a runtime in a mode, with a namespace and nodes of its own.
struct DeploymentCase: Sendable, CustomTestStringConvertible {
    let runtime: RuntimeID
    let engine: InferenceEngine
    let mode: ServingMode

    /// Everything that the runtimes serve.
    static let all: [DeploymentCase] = Runtimes.all.flatMap { runtime in
        ServingMode.allCases.flatMap { mode in
            runtime.engines(mode).map { DeploymentCase(runtime: runtime.id, engine: $0, mode: mode) }
        }
    }

    var testDescription: String { name }
    /// The name of the deployment.
    var name: String {
        "\(runtime.rawValue)-\(engine.rawValue)-\(mode == .aggregated ? "whole" : "apart")"
    }
    var namespace: String { "of-\(name)" }
    var path: String { "/api/deployments/\(name)" }

    /// The label of its nodes.
    static let label = "example.com/case"

    /// Whether its pods are made once and never changed, as KAITO's are.
    var isFixed: Bool { runtime == .kaito }

    /// The nodes that it has: KAITO takes one for each replica.
    var nodes: JSONValue {
        [
            "name": .string("node-\(name)"), "count": runtime == .kaito ? 2 : 1, "cpus": 96,
            "memory": "1152GiB",
            "gpu": ["product": "NVIDIA-A100-SXM4-80GB", "count": 8],
            "labels": [Self.label: .string(name)],
            "taints": [["key": "nvidia.com/gpu", "effect": "NoSchedule"]],
        ]
    }

    var nodeNames: [String] {
        runtime == .kaito ? ["node-\(name)-1", "node-\(name)-2"] : ["node-\(name)"]
    }

    /// The body that asks for it.
    var wish: JSONValue {
        var wish: JSONValue = [
            "name": .string(name), "namespace": .string(namespace), "provider": .string(runtime.rawValue),
            "engine": .string(engine.rawValue), "mode": .string(mode.rawValue),
        ]
        if runtime == .kaito {
            wish["labelSelector"] = [Self.label: .string(name)]
        } else {
            wish["nodeSelector"] = [Self.label: .string(name)]
        }
        switch (runtime, engine) {
        case (.kaito, .llamaCpp): wish["premadeModel"] = "llama3.2:1b"
        case (_, .llamaCpp):
            wish["modelId"] = "Qwen/Qwen2.5-0.5B-Instruct-GGUF"
            wish["ggufFile"] = "qwen2.5-0.5b-instruct-q4_k_m.gguf"
            wish["resources"] = ["gpu": 1]
        default: wish["modelId"] = "Qwen/Qwen3-0.6B"
        }
        return wish
    }

    /// How many workers the wish asks for.
    var workers: Int { mode == .aggregated ? 1 : 2 }

    /// The field that says how many workers there are, those that write answers where there are several kinds.
    var replicasField: String { mode == .aggregated ? "replicas" : "decodeReplicas" }
}
