import Capacity
import JSON
import KubernetesModel

/// What Ray Serve is told to run: one application, which Ray builds from configurations of a language model (ray.serve.llm of Ray
/// 2.58: LLMConfig, build_openai_app and build_pd_openai_app).
struct ServeConfiguration {
    let spec: DeploymentSpec

    /// The builder of an application whose replicas do whole requests.
    static let aggregated = "ray.serve.llm:build_openai_app"
    /// The builder of an application whose replicas read prompts or write answers.
    static let disaggregated = "ray.serve.llm:build_pd_openai_app"

    /// The configuration (Ray's ServeDeploySchema).
    var json: JSONValue {
        var application: JSONValue
        if spec.mode == .aggregated {
            application = ["name": "llm_app", "import_path": .string(Self.aggregated)]
            application["args"] = ["llm_configs": [model(spec.workers)]]
        } else {
            application = ["name": "pd-disaggregation", "import_path": .string(Self.disaggregated)]
            application["args"] = [
                "prefill_config": model(spec.prefill), "decode_config": model(spec.decode),
            ]
        }
        application["route_prefix"] = "/"
        return ["applications": [application]]
    }

    /// The resource that only the nodes of a group of workers have, for its replicas to run there and nowhere else; nil where there is
    /// but one group.
    static func resource(_ role: WorkerGroup.Role) -> String? {
        role == .whole ? nil : "\(role.rawValue)_node"
    }

    /// An LLMConfig.
    private func model(_ group: WorkerGroup) -> JSONValue {
        var json: JSONValue = [
            "model_loading_config": [
                "model_id": .string(spec.model.alias),
                "model_source": .string(spec.model.path ?? spec.model.id),
            ]
        ]
        json["accelerator_type"] = spec.ray.acceleratorType.map(JSONValue.string)
        var deployment: JSONValue = [:]
        let scaling = RayScaling(group.replicas)
        if scaling.isAutomatic {
            deployment["autoscaling_config"] = [
                "min_replicas": .integer(Int64(scaling.minimum)),
                "max_replicas": .integer(Int64(scaling.maximum)),
                "initial_replicas": .integer(Int64(scaling.count)),
            ]
        } else {
            deployment["num_replicas"] = .integer(Int64(scaling.count))
        }
        if let resource = Self.resource(group.role) {
            deployment[at: "ray_actor_options", "resources"] = [resource: 1]
        }
        if spec.router == .keyValueAware, group.role != .prefill {
            deployment["request_router_config"] = [
                "request_router_class": "ray.serve.llm.request_router.PrefixCacheAffinityRouter"
            ]
        }
        json["deployment_config"] = deployment
        json["engine_kwargs"] = engine(group)
        return json
    }

    /// vLLM's arguments, by the names that its EngineArgs have.
    private func engine(_ group: WorkerGroup) -> JSONValue {
        var spec = spec
        // The router looks for replicas that keep what a prompt begins with.
        if spec.router == .keyValueAware { spec.cachesPrefixes = true }
        var json: JSONValue = [:]
        for setting in VLLMCommand.settings(spec, group) {
            json[setting.key.replacing("-", with: "_")] = setting.value
        }
        if group.role != .whole { json["kv_transfer_config"] = transfer(group) }
        for argument in spec.engineArguments where !argument.value.isNull {
            var key = argument.key.replacing("-", with: "_")
            var value = argument.value
            // `--no-x` is how a command line says that x is false.
            if key.hasPrefix("no_"), let flag = value.boolValue {
                key = String(key.dropFirst(3))
                value = .bool(!flag)
            }
            json[key] = value
        }
        return json
    }

    /// How KV blocks come from prefill to decode replicas. NIXL's ends are alike; vLLM's own connector has a producer and a consumer.
    private func transfer(_ group: WorkerGroup) -> JSONValue {
        let role =
            switch (spec.ray.connector, group.role) {
            case (.nixl, _): "kv_both"
            case (.simple, .prefill): "kv_producer"
            case (.simple, _): "kv_consumer"
            }
        return ["kv_connector": .string(spec.ray.connector.rawValue), "kv_role": .string(role)]
    }
}
