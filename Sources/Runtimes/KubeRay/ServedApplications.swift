import JSON
import YAML

/// What the configuration of Ray Serve (`serveConfigV2`) says of the language model among its applications.
struct ServedApplications {
    /// Whether there is one.
    private(set) var hasModel = false
    /// Its name on the Hub, or where else it is; empty when it is not told.
    private(set) var model = ""
    /// What clients call it; empty when it is not told.
    private(set) var servedName = ""
    /// Whether prompts and answers have replicas of their own.
    private(set) var isDisaggregated = false
    /// Whether Serve changes the number of replicas by itself.
    private(set) var isAutoscaled = false

    /// Variables by which applications of one's own are usually told the model, as in KubeRay's and vLLM's examples.
    private static let variables = ["MODEL_ID", "MODEL_NAME", "MODEL"]

    /// - Parameter text: YAML; what cannot be read says nothing.
    init(_ text: String) {
        guard let json = try? YAMLNode(parsing: text).json else { return }
        for application in json["applications"]?.arrayValue ?? [] {
            read(application)
            if hasModel { return }
        }
    }

    private mutating func read(_ application: JSONValue) {
        let path = application["import_path"]?.stringValue ?? ""
        let arguments = application["args"]
        let pair = ["decode_config", "prefill_config"].compactMap { arguments?[$0] }
        let configurations = pair + (arguments?["llm_configs"]?.arrayValue ?? [])
        isDisaggregated = !pair.isEmpty || path == ServeConfiguration.disaggregated
        for configuration in configurations {
            let loading = configuration["model_loading_config"]
            let id = loading?["model_id"]?.stringValue ?? ""
            let source = loading?["model_source"]
            if servedName.isEmpty { servedName = id }
            if model.isEmpty {
                // A mirror of a bucket is a mapping; Ray takes the id for the name on the Hub where there is no source.
                model = source?.stringValue ?? source?["bucket_uri"]?.stringValue ?? id
            }
            let deployment = configuration["deployment_config"]
            let isAutomatic = deployment?["num_replicas"] == "auto"
            if isAutomatic || deployment?["autoscaling_config"]?.objectValue != nil { isAutoscaled = true }
        }
        let environment = application["runtime_env"]?["env_vars"]
        if model.isEmpty {
            model =
                Self.variables.lazy.compactMap { environment?[$0]?.stringValue }.first
                ?? arguments?["model"]?.stringValue ?? ""
            servedName = model
        }
        hasModel = !configurations.isEmpty || !model.isEmpty || path.hasPrefix("ray.serve.llm")
    }
}
