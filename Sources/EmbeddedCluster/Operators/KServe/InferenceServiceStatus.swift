import JSON
import KubernetesModel

/// What is said of an inference service (pkg/apis/serving/v1beta1/inference_service_status.go).
struct InferenceServiceStatus: Sendable {
    enum Finding: Sendable {
        /// There is no runtime for the model.
        case invalid(InferenceServiceRound.InvalidModel)
        case deployed(_ deployment: KubernetesObject, pods: [KubernetesObject])
    }

    let service: KubernetesObject
    let finding: Finding
    let now: Timestamp

    /// Of what the condition `Ready` is made.
    private static let parts = ["PredictorReady", "IngressReady"]

    private var host: String { "\(PredictorPod.name(of: service)).\(service.namespace).svc.cluster.local" }

    private func outerAddress(_ name: String) -> JSONValue {
        .string("http://\(name)-\(service.namespace).example.com")
    }

    func write(to object: inout KubernetesObject) {
        let old = object.status
        var status: JSONValue = old.isNull ? [:] : old
        status["deploymentMode"] = "RawDeployment"
        switch finding {
        case .invalid(let problem):
            status[at: "modelStatus", "transitionStatus"] = "InvalidSpec"
            status[at: "modelStatus", "states", "targetModelState"] = "FailedToLoad"
            if status["modelStatus"]?["states"]?["activeModelState"] == nil {
                status[at: "modelStatus", "states", "activeModelState"] = ""
            }
            status[at: "modelStatus", "lastFailureInfo"] = [
                "reason": .string(problem.reason), "message": .string(problem.message),
            ]
        case .deployed(let deployment, let pods):
            var conditions = Conditions(object)
            let predictor = Self.readiness(of: deployment)
            set(&conditions, "PredictorReady", predictor)
            // Neither the real controller nor this one waits for anything when it makes no ingress.
            set(&conditions, "IngressReady", ("True", "", ""))
            setReady(&conditions)
            status["conditions"] = .array(
                conditions.entries.sorted {
                    ($0["type"]?.stringValue ?? "") < ($1["type"]?.stringValue ?? "")
                }
            )
            if predictor.status == "True" {
                status[at: "components", "predictor", "url"] = outerAddress(PredictorPod.name(of: service))
            } else if status["components"]?["predictor"] == nil {
                status[at: "components", "predictor"] = [:]
            }
            status["url"] = outerAddress(service.name)
            status["address"] = ["url": .string("http://\(host)")]
            status["observedGeneration"] = .integer(deployment.status.integer("observedGeneration"))
            setModel(&status, pods, isReady: conditions.isTrue("Ready"))
        }
        if status != old { object.status = status }
    }

    // MARK: Conditions

    private typealias Condition = (status: String, reason: String, message: String)

    /// As the deployment's conditions say (PropagateRawStatus).
    private static func readiness(of deployment: KubernetesObject) -> Condition {
        func condition(_ type: String) -> Condition? {
            deployment.condition(type).map { json in
                (
                    json["status"]?.stringValue ?? "", json["reason"]?.stringValue ?? "",
                    json["message"]?.stringValue ?? ""
                )
            }
        }
        if let failure = condition("ReplicaFailure"), failure.status == "True" {
            return ("False", failure.reason, failure.message)
        }
        let available = condition("Available")
        if let available, available.status == "False" { return available }
        if let progress = condition("Progressing") {
            if progress.status == "False", !progress.message.isEmpty { return progress }
            if progress.status == "True" {
                if progress.reason == "NewReplicaSetAvailable" { return progress }
                return ("Unknown", progress.reason, progress.message)
            }
        }
        return available?.status == "True" ? available ?? ("False", "", "") : ("False", "", "")
    }

    private func set(_ conditions: inout Conditions, _ type: String, _ value: Condition) {
        if let present = conditions[type], present["status"]?.stringValue == value.status,
            present["reason"]?.stringValue ?? "" == value.reason,
            present["message"]?.stringValue ?? "" == value.message
        {
            return
        }
        let time =
            conditions[type]?["status"]?.stringValue == value.status
            ? conditions[type]?["lastTransitionTime"] : nil
        var entry: JSONValue = [
            "type": .string(type), "status": .string(value.status),
            "lastTransitionTime": time ?? .string(now.kubernetesTime),
        ]
        // Knative's conditions leave out what is empty.
        if !value.reason.isEmpty { entry["reason"] = .string(value.reason) }
        if !value.message.isEmpty { entry["message"] = .string(value.message) }
        conditions.remove(type)
        conditions.append(entry)
    }

    private func setReady(_ conditions: inout Conditions) {
        let parts = Self.parts.compactMap { conditions[$0] }
        let unhappy =
            parts.first { $0["status"]?.stringValue == "False" }
            ?? parts.first { $0["status"]?.stringValue == "Unknown" }
        guard let unhappy else { return set(&conditions, "Ready", ("True", "", "")) }
        set(
            &conditions,
            "Ready",
            (
                unhappy["status"]?.stringValue ?? "Unknown", unhappy["reason"]?.stringValue ?? "",
                unhappy["message"]?.stringValue ?? ""
            )
        )
    }

    /// The conditions that are false, besides `Ready`.
    func failures(_ object: KubernetesObject) -> [String] {
        Self.parts.filter { object.condition($0)?["status"]?.stringValue == "False" }
    }

    // MARK: Model

    /// As the first pod's containers say (PropagateModelStatus).
    private func setModel(_ status: inout JSONValue, _ pods: [KubernetesObject], isReady: Bool) {
        guard let pod = pods.first else { return setModel(&status, "Pending", "InProgress") }
        if let container = Self.container(PredictorPod.storageContainer, "initContainerStatuses", pod) {
            if container["state"]?["running"] != nil {
                if container["lastState"]?["terminated"] == nil { setModel(&status, "Loading", "InProgress") }
                return
            }
            if let end = Self.failure(container) { return setFailure(&status, end) }
        }
        if isReady {
            setModel(&status, "Loaded", "UpToDate")
            status[at: "modelStatus", "states", "activeModelState"] = "Loaded"
            status[at: "modelStatus", "copies"] = [
                "failedCopies": 0, "totalCopies": .integer(Int64(pods.count)),
            ]
            return
        }
        guard let container = Self.container(PredictorPod.container, "containerStatuses", pod) else { return }
        if let end = Self.failure(container) {
            setFailure(&status, end)
        } else {
            setModel(&status, "Pending", "InProgress")
        }
    }

    private static func container(_ name: String, _ list: String, _ pod: KubernetesObject) -> JSONValue? {
        pod.status[list]?.arrayValue?.first { $0["name"]?.stringValue == name }
    }

    /// How a container ended that has failed or is to be tried again later.
    private static func failure(_ container: JSONValue) -> JSONValue? {
        if let end = container["state"]?["terminated"], end["reason"] == "Error" { return end }
        guard container["state"]?["waiting"]?["reason"] == "CrashLoopBackOff" else { return nil }
        return container["lastState"]?["terminated"] ?? [:]
    }

    private func setModel(_ status: inout JSONValue, _ state: JSONValue, _ transition: JSONValue) {
        status[at: "modelStatus", "transitionStatus"] = transition
        status[at: "modelStatus", "states", "targetModelState"] = state
        if status["modelStatus"]?["states"]?["activeModelState"] == nil {
            status[at: "modelStatus", "states", "activeModelState"] = ""
        }
    }

    private func setFailure(_ status: inout JSONValue, _ end: JSONValue) {
        setModel(&status, "FailedToLoad", "BlockedByFailedLoad")
        var failure: JSONValue = ["reason": "ModelLoadFailed"]
        failure["message"] = end["message"]
        failure["exitCode"] = end["exitCode"]
        status[at: "modelStatus", "lastFailureInfo"] = failure
    }
}
