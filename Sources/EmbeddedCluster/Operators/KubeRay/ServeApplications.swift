import JSON
import KubernetesModel
import YAML

/// The applications that Ray Serve would run in a cluster: what they are comes from the Ray service's configuration, how they
/// fare from the cluster's pods. There is no Ray here that could say more.
struct ServeApplications: Sendable {
    private struct Application: Sendable {
        let name: String
        let deployments: [String]
        /// What its replicas need; nil when that is not known.
        let demands: [RayAutoscaler.Demand]?
    }

    private let applications: [Application]

    /// Why a configuration cannot be submitted.
    struct Malformed: Error {
        let message: String
    }

    /// Reads `serveConfigV2`.
    init(configuration text: String) throws(Malformed) {
        let configuration: JSONValue
        do throws(YAMLError) {
            configuration = try YAMLNode(parsing: text).json
        } catch {
            throw Malformed(message: "\(error)")
        }
        var applications: [Application] = []
        for entry in configuration["applications"]?.arrayValue ?? [] {
            let name = entry["name"]?.stringValue ?? "default"
            guard entry["import_path"]?.stringValue?.isEmpty == false else {
                throw Malformed(message: "application \"\(name)\" has no import_path")
            }
            guard !applications.contains(where: { $0.name == name }) else {
                throw Malformed(message: "there are two applications of the name \"\(name)\"")
            }
            applications.append(
                Application(
                    name: name,
                    deployments: Self.deployments(of: entry),
                    demands: Self.demands(of: entry)
                )
            )
        }
        self.applications = applications
    }

    /// Those that are listed, or those that Ray's own builders for language models make (ray.serve.llm).
    private static func deployments(of application: JSONValue) -> [String] {
        let listed = (application["deployments"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        if !listed.isEmpty { return listed }
        let arguments = application["args"]
        func name(_ prefix: String, _ configuration: JSONValue?) -> String? {
            let id = configuration?["model_loading_config"]?["model_id"]?.stringValue
            return id.map { prefix + $0.replacing("/", with: "--").replacing(".", with: "_") }
        }
        switch application["import_path"]?.stringValue {
        case "ray.serve.llm:build_openai_app":
            let servers = (arguments?["llm_configs"]?.arrayValue ?? []).compactMap { name("LLMServer:", $0) }
            return servers + ["OpenAiIngress"]
        case "ray.serve.llm:build_pd_openai_app":
            let servers = [
                name("Prefill:", arguments?["prefill_config"]), name("Decode:", arguments?["decode_config"]),
            ]
            return servers.compactMap { $0 } + ["PDProxyServer", "OpenAiIngress"]
        default: return []
        }
    }

    /// What scales the workers of a cluster that runs these; nil when it is not known what they need.
    var autoscaler: RayAutoscaler? {
        let known = applications.compactMap(\.demands)
        return known.count == applications.count ? RayAutoscaler(known.flatMap { $0 }) : nil
    }

    /// What the replicas of Ray's builders for language models need: a GPU for each rank, and the resources that are named.
    private static func demands(of application: JSONValue) -> [RayAutoscaler.Demand]? {
        let arguments = application["args"]
        let configurations: [JSONValue]
        switch application["import_path"]?.stringValue {
        case "ray.serve.llm:build_openai_app":
            configurations = arguments?["llm_configs"]?.arrayValue ?? []
        case "ray.serve.llm:build_pd_openai_app":
            configurations = ["prefill_config", "decode_config"].compactMap { arguments?[$0] }
        default: return nil
        }
        return configurations.map { configuration in
            let deployment = configuration["deployment_config"] ?? [:]
            let scaling = deployment["autoscaling_config"]
            let replicas =
                deployment["num_replicas"]?.integerValue ?? scaling?["initial_replicas"]?.integerValue
                ?? scaling?["min_replicas"]?.integerValue ?? 1
            let engine = configuration["engine_kwargs"] ?? [:]
            let ranks = ["tensor_parallel_size", "pipeline_parallel_size"].map {
                engine[$0]?.integerValue ?? 1
            }
            let resources = deployment["ray_actor_options"]?["resources"]?.objectValue?.keys ?? []
            return RayAutoscaler.Demand(
                replicas: max(0, replicas),
                gpus: ranks.reduce(1) { max(1, min($0 * min($1, 1024), 1024)) },
                resources: Set(resources)
            )
        }
    }

    /// How the cluster's pods let the applications be.
    enum Health: Sendable {
        case running
        /// Replicas have yet to find room on workers.
        case deploying
        /// Replicas failed to start again and again.
        case failed
        /// Replicas that ran have gone.
        case unhealthy
    }

    /// How often the replicas of a deployment may fail to start before Serve gives up: three times each, and no more than that in
    /// all (Ray Serve, MAX_PER_REPLICA_RETRY_COUNT and MAX_DEPLOYMENT_CONSTRUCTOR_RETRY_COUNT).
    private static let retries: Int64 = 3
    private static let retriesInAll: Int64 = 20

    /// How often the Ray container of a worker has ended.
    private static func ends(of worker: KubernetesObject) -> Int64 {
        let isRunning = worker.status["containerStatuses"]?[0]?["state"]?["running"] != nil
        return PodState.restarts(worker) + (isRunning ? 0 : 1)
    }

    /// - Parameters:
    ///   - before: `applicationStatuses` as it was.
    ///   - pods: The cluster's pods.
    ///   - wanted: How many workers there should be.
    static func health(before: JSONValue?, pods: [KubernetesObject], wanted: Int64) -> Health {
        let workers = pods.filter {
            $0.label(KubeRayOperator.Label.nodeType) == "worker" && !$0.isBeingDeleted
        }
        let broken = workers.filter { !PodState.isReady($0) && PodState.restarts($0) > 0 }
        let ready = workers.filter(PodState.isReady)
        let ran = (before?.objectValue ?? JSONMembers()).contains { application in
            ["RUNNING", "UNHEALTHY"].contains(application.value["status"]?.stringValue)
        }
        if ran {
            // A cluster that grows keeps running; one that has lost workers does not.
            let isLost = !broken.isEmpty || (ready.isEmpty && wanted > 0)
            return isLost ? .unhealthy : .running
        }
        let limit = min(retriesInAll, retries * max(1, Int64(workers.count)))
        if broken.reduce(0, { $0 + ends(of: $1) }) >= limit { return .failed }
        return ready.count >= wanted ? .running : .deploying
    }

    /// `applicationStatuses`.
    func statuses(_ health: Health) -> JSONValue {
        let (application, deployment): (String, String) =
            switch health {
            case .running: ("RUNNING", "HEALTHY")
            case .deploying: ("DEPLOYING", "UPDATING")
            case .failed: ("DEPLOY_FAILED", "UNHEALTHY")
            case .unhealthy: ("UNHEALTHY", "UNHEALTHY")
            }
        var statuses: JSONValue = [:]
        for entry in applications {
            var status: JSONValue = ["status": .string(application)]
            if deployment == "UNHEALTHY", !entry.deployments.isEmpty {
                let names = entry.deployments.map { "'\($0)'" }.joined(separator: ", ")
                status["message"] = .string("The deployments [\(names)] are UNHEALTHY.")
            }
            var deployments: JSONValue = [:]
            for name in entry.deployments {
                var state: JSONValue = ["status": .string(deployment)]
                state["message"] = Self.message(health).map(JSONValue.string)
                deployments[name] = state
            }
            if !entry.deployments.isEmpty { status["serveDeploymentStatuses"] = deployments }
            statuses[entry.name] = status
        }
        return statuses
    }

    private static func message(_ health: Health) -> String? {
        switch health {
        case .running: nil
        case .deploying: "Replicas wait for workers of the Ray cluster."
        case .failed: "Replicas failed to start again and again."
        case .unhealthy: "Replicas were lost with their workers."
        }
    }
}
