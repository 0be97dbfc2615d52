import JSON
import KubernetesModel

/// One look at an inference service (pkg/controller/v1beta1/inferenceservice/controller.go).
struct InferenceServiceRound {
    private typealias Label = KServeOperator.Label

    private let service: KubernetesObject
    private let dependents: Dependents
    private let api: ClusterAPI
    private let events: EventRecorder

    init(_ service: KubernetesObject, _ dependents: Dependents, _ api: ClusterAPI) {
        self.service = service
        self.dependents = dependents
        self.api = api
        events = EventRecorder(api: api, component: "v1beta1Controllers")
    }

    /// Why a model cannot be served, as `modelStatus.lastFailureInfo` tells it.
    struct InvalidModel: Error, Sendable {
        let reason: String
        let message: String

        init(_ reason: String, _ message: String) {
            self.reason = reason
            self.message = message
        }
    }

    /// Members of a predictor that name a model's framework instead of `model`, which KServe's webhook turns into that.
    static let frameworks: Set<String> = [
        "sklearn", "xgboost", "tensorflow", "pytorch", "triton", "onnx", "huggingface", "pmml", "lightgbm",
        "paddle",
    ]

    private var predictor: JSONValue { service.spec["predictor"] ?? [:] }

    private var model: JSONValue? {
        if let model = predictor["model"] { return model }
        let named = predictor.objectValue?.first { Self.frameworks.contains($0.key) }
        return named.map { $0.value.with("modelFormat", ["name": .string($0.key)]) }
    }

    func run() async throws(APIStatus) -> Duration? {
        let mode = service.annotation(Label.mode) ?? "RawDeployment"
        guard mode == "RawDeployment" else {
            if mode == "Serverless" {
                await events.record(
                    .warning,
                    "ServerlessModeRejected",
                    "It is not possible to use Serverless deployment mode when Knative Services are not available",
                    about: service
                )
            }
            return nil
        }
        for part in ["transformer", "explainer"] where service.spec[part] != nil {
            await events.record(.warning, "InternalError", "a \(part) is not simulated", about: service)
        }
        let pod: PredictorPod
        do throws(InvalidModel) {
            pod = try predictorPod()
        } catch {
            await events.record(
                .warning,
                "InternalError",
                "fails to reconcile predictor: \(error.message)",
                about: service
            )
            try await report(.invalid(error))
            return nil
        }
        let replicas = Replicas(predictor, isAutoscaled: service.annotation(Label.autoscaler) != "none")
        let deployment = try await dependents.apply(.deployments, pod.deployment) { object, present in
            let count = replicas.count(present?.spec["replicas"]?.integerValue)
            object.json[at: "spec", "replicas"] = .integer(count)
        }
        try await dependents.apply(.services, pod.clusterService)
        let pods = api.list(.pods, in: service.namespace).filter { $0.label(Label.app) == pod.app }
        try await report(.deployed(deployment, pods: pods))
        return nil
    }

    private func predictorPod() throws(InvalidModel) -> PredictorPod {
        guard let model else {
            guard predictor["containers"]?.arrayValue?.isEmpty == false else {
                throw InvalidModel(
                    "InvalidPredictorSpec",
                    "no container configuration found in selected serving runtime"
                )
            }
            return PredictorPod(service, model: nil)
        }
        let runtime = try KServeRuntimes.runtime(for: model, in: service.namespace, api.state)
        guard runtime.spec["containers"]?.arrayValue?.isEmpty == false else {
            throw InvalidModel(
                "InvalidPredictorSpec",
                "no container configuration found in selected serving runtime"
            )
        }
        return PredictorPod(service, model: (model, runtime))
    }

    /// How many pods a predictor has.
    private struct Replicas: Sendable {
        private let least: Int64?
        private let most: Int64
        private let isAutoscaled: Bool

        init(_ predictor: JSONValue, isAutoscaled: Bool) {
            least = predictor["minReplicas"]?.integerValue
            most = predictor.integer("maxReplicas")
            self.isAutoscaled = isAutoscaled
        }

        /// What a HorizontalPodAutoscaler would leave: as many as there are, within its bounds. Without one, what is asked for.
        func count(_ present: Int64?) -> Int64 {
            guard isAutoscaled else { return max(0, least ?? present ?? 1) }
            let minimum = max(1, least ?? 1)
            return min(max(present ?? 1, minimum), max(minimum, most))
        }
    }

    // MARK: Status

    private func report(_ finding: InferenceServiceStatus.Finding) async throws(APIStatus) {
        let status = InferenceServiceStatus(service: service, finding: finding, now: api.now())
        let wasReady = Conditions(service).isTrue("Ready")
        try await dependents.report(KServeOperator.services) { object in status.write(to: &object) }
        guard let after = api.get(KServeOperator.services, ObjectKey(service)) else { return }
        let ready = after.condition("Ready")?["status"]?.stringValue
        if wasReady, ready == "False" {
            await events.record(
                .warning,
                "InferenceServiceNotReady",
                "InferenceService [\(service.name)] is no longer Ready because of: "
                    + (status.failures(after).joined(separator: ", ")),
                about: service
            )
        } else if !wasReady, ready == "True" {
            await events.record(
                .normal,
                "InferenceServiceReady",
                "InferenceService [\(service.name)] is Ready",
                about: service
            )
        }
    }
}
