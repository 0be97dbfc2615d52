import JSON
import KubernetesModel

/// Serving runtimes: those that an installation brings, and which of all there are suits a model
/// (pkg/apis/serving/v1beta1/predictor_model.go and components/predictor.go).
enum KServeRuntimes {
    /// The runtimes of config/runtimes that serve with KServe's own images.
    static let delivered: [JSONValue] = [
        runtime(
            "kserve-huggingfaceserver",
            formats: ["huggingface": ["1"]],
            image: "kserve/huggingfaceserver:v0.15.2",
            arguments: ["--model_name={{.Name}}"]
        ),
        runtime("kserve-lgbserver", formats: ["lightgbm": ["3", "4"]], image: "kserve/lgbserver:v0.15.2"),
        runtime("kserve-paddleserver", formats: ["paddle": ["2"]], image: "kserve/paddleserver:v0.15.2"),
        runtime("kserve-sklearnserver", formats: ["sklearn": ["1"]], image: "kserve/sklearnserver:v0.15.2"),
        runtime("kserve-xgbserver", formats: ["xgboost": ["1", "2"]], image: "kserve/xgbserver:v0.15.2"),
    ]

    private static func runtime(
        _ name: String,
        formats: [String: [String]],
        image: String,
        arguments: [String] = ["--model_name={{.Name}}", "--model_dir=/mnt/models", "--http_port=8080"]
    ) -> JSONValue {
        let amounts: JSONValue = ["cpu": "1", "memory": "2Gi"]
        var supported: [JSONValue] = []
        for (format, versions) in formats {
            for version in versions {
                supported.append([
                    "name": .string(format), "version": .string(version), "autoSelect": true, "priority": 1,
                ])
            }
        }
        return [
            "apiVersion": "serving.kserve.io/v1alpha1", "kind": "ClusterServingRuntime",
            "metadata": ["name": .string(name)],
            "spec": [
                "annotations": [
                    "prometheus.kserve.io/port": "8080", "prometheus.kserve.io/path": "/metrics",
                ],
                "supportedModelFormats": .array(supported), "protocolVersions": ["v2", "v1"],
                "containers": [
                    [
                        "name": "kserve-container", "image": .string(image),
                        "args": .array(arguments.map(JSONValue.string)),
                        "resources": ["requests": amounts, "limits": amounts],
                    ]
                ],
            ],
        ]
    }

    /// The name and the specification of a runtime.
    typealias Runtime = (name: String, spec: JSONValue)

    /// The runtime that a model names, or the first that suits it: those of its namespace before those of the cluster.
    ///
    /// - Throws: Why there is none.
    static func runtime(
        for model: JSONValue,
        in namespace: String,
        _ state: ClusterState
    ) throws(InferenceServiceRound.InvalidModel) -> Runtime {
        let own = state.objects(KServeOperator.runtimes, in: namespace)
        let shared = state.objects(KServeOperator.clusterRuntimes)
        if let name = model["runtime"]?.stringValue {
            guard let runtime = (own + shared).first(where: { $0.name == name }) else {
                throw .init("RuntimeNotRecognized", "Waiting for runtime to become available")
            }
            guard runtime.spec["disabled"]?.boolValue != true else {
                throw .init("RuntimeDisabled", "Specified runtime is disabled")
            }
            if let wanted = model["protocolVersion"], !speaks(runtime, wanted) {
                throw .init(
                    "NoSupportingRuntime",
                    "Specified runtime does not support specified protocol version"
                )
            }
            guard supports(runtime, model, automatically: false) else {
                throw .init(
                    "NoSupportingRuntime",
                    "Specified runtime does not support specified framework/version"
                )
            }
            return (runtime.name, runtime.spec)
        }
        let wanted = model["protocolVersion"] ?? "v1"
        for group in [own, shared] {
            let suitable = group.filter {
                $0.spec["disabled"]?.boolValue != true && $0.spec["multiModel"]?.boolValue != true
                    && supports($0, model, automatically: true) && speaks($0, wanted)
            }
            // Runtimes without a priority come last.
            let best = suitable.sorted { (priority($0, model) ?? .min) > (priority($1, model) ?? .min) }.first
            if let best { return (best.name, best.spec) }
        }
        throw .init("NoSupportingRuntime", "No runtime found to support specified framework/version")
    }

    private static func formats(_ runtime: KubernetesObject, _ model: JSONValue) -> [JSONValue] {
        let wanted = model["modelFormat"]
        return (runtime.spec["supportedModelFormats"]?.arrayValue ?? []).filter { format in
            format["name"] == wanted?["name"]
                && (wanted?["version"] == nil || format["version"] == wanted?["version"])
        }
    }

    private static func supports(
        _ runtime: KubernetesObject,
        _ model: JSONValue,
        automatically: Bool
    ) -> Bool {
        formats(runtime, model).contains { !automatically || $0["autoSelect"]?.boolValue == true }
    }

    private static func priority(_ runtime: KubernetesObject, _ model: JSONValue) -> Int64? {
        formats(runtime, model).compactMap { $0["priority"]?.integerValue }.max()
    }

    /// A runtime that says nothing of protocols speaks the first.
    private static func speaks(_ runtime: KubernetesObject, _ version: JSONValue) -> Bool {
        let versions = runtime.spec["protocolVersions"]?.arrayValue ?? []
        return versions.isEmpty ? version == "v1" : versions.contains(version)
    }
}
