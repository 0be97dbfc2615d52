import Capacity
import JSON
public import KubernetesModel

extension KServeRuntime {
    /// What an InferenceService says; nil when its model is none of language, such as a table's.
    public static func read(_ object: KubernetesObject) -> DeploymentReading? {
        var reading = DeploymentReading(object, id)
        reading.pods = [.label(Mark.service, object.name)]
        reading.endpoint = ServiceEndpoint("\(object.name)-predictor", port: 80)
        if reading.spec == nil, !readModel(object, &reading) { return nil }
        readReplicas(object, &reading)
        (reading.phase, reading.message) = phase(object, reading)
        return reading
    }

    /// Where the server of each pod listens (kserve, python/huggingfaceserver).
    public static func metricsPort(of reading: DeploymentReading) -> Int? { reading.isManaged ? 8080 : nil }

    /// Reads the model from the predictor of a service that Ingot has not made. Whether there is one.
    private static func readModel(_ object: KubernetesObject, _ reading: inout DeploymentReading) -> Bool {
        let predictor = object.spec["predictor"] ?? .null
        for container in predictor["containers"]?.arrayValue ?? [] {
            guard let server = EngineServer(container) else { continue }
            server.describe(&reading)
            return true
        }
        // The form of KServe before it had one member for all models.
        guard let model = predictor["model"] ?? predictor["huggingface"] else { return false }
        let format =
            predictor["model"] == nil ? "huggingface" : model["modelFormat"]?["name"]?.stringValue ?? ""
        let arguments = EngineArguments(model)
        let id = arguments.value("--model_id", "--model-id", "--model") ?? source(of: model)
        switch format.lowercased() {
        case "huggingface":
            reading.engine = arguments.value("--backend") == "huggingface" ? nil : .vllm
            let prefix = (model["env"]?.arrayValue ?? []).first { $0["name"]?.stringValue == routePrefix }
            reading.endpoint?.path = prefix.map { $0["value"]?.stringValue ?? "" } ?? "/openai"
        case let name where InferenceEngine(parsing: name) != nil:
            reading.engine = InferenceEngine(parsing: name)
        default: return false
        }
        reading.modelID = id ?? ""
        reading.servedName =
            arguments.value("--served-model-name", "--served_model_name", "--model_name") ?? object.name
        reading.gpus = EngineServer.gpus(of: model)
        return true
    }

    /// The model by its URI: `hf://owner/name[:revision]`, else the last part of the path.
    private static func source(of model: JSONValue) -> String? {
        guard let uri = model["storageUri"]?.stringValue ?? model["storage"]?["path"]?.stringValue else {
            return nil
        }
        guard uri.hasPrefix("hf://") else { return uri.split(separator: "/").last.map(String.init) }
        return uri.dropFirst("hf://".utf8.count).split(separator: ":").first.map(String.init)
    }

    /// The status has the number of copies that serve (PropagateModelStatus); of how many are wished for it says nothing where an
    /// autoscaler decides.
    private static func readReplicas(_ object: KubernetesObject, _ reading: inout DeploymentReading) {
        let predictor = object.spec["predictor"] ?? .null
        let least = Int(clamping: predictor["minReplicas"]?.integerValue ?? 1)
        let copies = (object.status["modelStatus"]?["copies"]?["totalCopies"]?.integerValue).map {
            Int(clamping: $0)
        }
        let isReady = reading.condition("PredictorReady")?.isTrue == true
        let isFixed = object.annotation(Mark.autoscaler) == "none"
        let desired = isStopped(object, reading) ? 0 : isFixed ? least : max(least, copies ?? 0)
        reading.replicas = ReplicaCounts(
            desired: desired,
            ready: isReady ? min(copies ?? desired, desired) : 0
        )
    }

    private static func isStopped(_ object: KubernetesObject, _ reading: DeploymentReading) -> Bool {
        object.annotation(Mark.stop) == "true" || reading.condition("Stopped")?.isTrue == true
    }

    /// As the conditions and the model's state say (pkg/apis/serving/v1beta1/inference_service_status.go).
    ///
    /// `observedGeneration` is the one of the predictor's Deployment, and nothing to compare with.
    private static func phase(
        _ object: KubernetesObject,
        _ reading: DeploymentReading
    ) -> (DeploymentPhase, String) {
        if isStopped(object, reading) { return (.pending, "it is stopped") }
        if reading.condition("Ready")?.isTrue == true { return (.running, "") }
        let model = object.status["modelStatus"] ?? .null
        let unready = ["PredictorReady", "IngressReady", "Ready"].compactMap(reading.condition)
            .first { $0.isFalse && !($0.message.isEmpty && $0.reason.isEmpty) }
        let text = unready.map { $0.message.isEmpty ? $0.reason : $0.message } ?? ""
        switch model["transitionStatus"]?.stringValue {
        case "InvalidSpec", "BlockedByFailedLoad":
            let failure = model["lastFailureInfo"] ?? .null
            let reason = failure["reason"]?.stringValue ?? ""
            let message = failure["message"]?.stringValue ?? ""
            let words = [reason, message].filter { !$0.isEmpty }.joined(separator: ": ")
            return (.failed, words.isEmpty ? text : words)
        default: break
        }
        // The quota, or what admits pods, refuses them.
        if unready?.reason == "FailedCreate" { return (.failed, text) }
        return (reading.conditions.isEmpty ? .pending : .deploying, text)
    }
}
