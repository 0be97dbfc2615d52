import Capacity
import JSON
import KubernetesModel

/// Reads a RayService, whoever has made it (ray-operator/apis/ray/v1/rayservice_types.go of KubeRay 1.5 to 1.7).
struct RayServiceReader {
    private let object: KubernetesObject
    private let configuration: ServedApplications

    init(_ object: KubernetesObject) {
        self.object = object
        configuration = ServedApplications(object.spec["serveConfigV2"]?.stringValue ?? "")
    }

    private var cluster: JSONValue { object.spec["rayClusterConfig"] ?? [:] }
    private var active: JSONValue { object.status["activeServiceStatus"] ?? [:] }
    private var pending: JSONValue { object.status["pendingServiceStatus"] ?? [:] }

    /// Nil when no language model is among its applications.
    var reading: DeploymentReading? {
        guard OwnMarks.isOwn(object) || configuration.hasModel else { return nil }
        var reading = DeploymentReading(object, .kuberay)
        for status in [active, pending] {
            if let name = status["rayClusterName"]?.stringValue, !name.isEmpty {
                reading.pods.append(.label("ray.io/cluster", name))
            }
        }
        if reading.spec == nil {
            reading.modelID = configuration.model
            reading.servedName = configuration.servedName.isEmpty ? object.name : configuration.servedName
            reading.engine = .vllm
            let gpus = Set(
                groups.map { EngineServer.gpus(of: $0["template"]?["spec"]?["containers"]?[0] ?? [:]) }
            )
            if gpus.count == 1 { reading.gpus = gpus.first ?? nil }
        }
        reading.mode = configuration.isDisaggregated ? .disaggregated : .aggregated
        reading.endpoint = ServiceEndpoint("\(object.name)-serve-svc", port: KubeRayRuntime.port)
        readPhase(&reading)
        readCounts(&reading)
        if reading.phase == .running, reading.replicas.ready < reading.replicas.desired {
            reading.phase = .deploying
        }
        return reading
    }

    // MARK: Phase

    /// An application as the status has it (AppStatus).
    private struct Application {
        let status: String
        let message: String
        /// The statuses of its deployments, by their names.
        let deployments: [(name: String, status: String)]

        init(_ json: JSONValue) {
            status = json["status"]?.stringValue ?? ""
            let members = json["serveDeploymentStatuses"]?.objectValue ?? JSONMembers()
            deployments = members.map { ($0.key, $0.value["status"]?.stringValue ?? "") }
            let unhealthy = members.filter { $0.value["status"]?.stringValue != "HEALTHY" }
            let reasons = unhealthy.compactMap { deployment -> String? in
                guard let text = deployment.value["message"]?.stringValue, !text.isEmpty else { return nil }
                return "\(deployment.key): \(text)"
            }
            let own = json["message"]?.stringValue ?? ""
            message = ([own] + reasons).filter { !$0.isEmpty }.joined(separator: " ")
        }

        var hasFailed: Bool { status == "DEPLOY_FAILED" || status == "UNHEALTHY" }
    }

    private static func applications(_ status: JSONValue) -> [Application] {
        (status["applicationStatuses"]?.objectValue ?? JSONMembers()).map { Application($0.value) }
    }

    private func readPhase(_ reading: inout DeploymentReading) {
        let serving = Self.applications(active)
        let coming = Self.applications(pending)
        let hasPending = pending["rayClusterName"]?.stringValue?.isEmpty == false
        let ready = reading.condition("Ready")
        let isObserved =
            object.status["observedGeneration"]?.integerValue.map { $0 >= object.generation } ?? true
        let serves = !serving.isEmpty && serving.allSatisfy { $0.status == "RUNNING" }
        if let failed = serving.first(where: \.hasFailed) {
            reading.phase = .failed
            reading.message = failed.message.isEmpty ? failed.status : failed.message
        } else if let failed = coming.first(where: \.hasFailed) {
            // What served before goes on to serve until what comes after it does.
            reading.phase = serves ? .deploying : .failed
            reading.message = failed.message.isEmpty ? failed.status : failed.message
        } else if ready?.isFalse == true, Self.finalReasons.contains(ready?.reason ?? "") {
            reading.phase = .failed
            reading.message = ready?.message ?? ""
        } else if serves, isObserved, !hasPending, ready?.isFalse != true {
            reading.phase = .running
        } else if !serving.isEmpty || !coming.isEmpty || hasPending {
            reading.phase = .deploying
            let waiting = (coming + serving).first { $0.status != "RUNNING" }?.message ?? ""
            let failure = clusterFailure
            reading.message = waiting.isEmpty ? failure : waiting
            if reading.message.isEmpty, ready?.isFalse == true { reading.message = ready?.message ?? "" }
        } else {
            reading.phase = .pending
            if ready?.isFalse == true { reading.message = ready?.message ?? "" }
        }
    }

    /// Reasons of the condition `Ready` that no waiting cures.
    private static let finalReasons: Set<String> = ["ValidationFailed", "InitializingTimeout"]

    /// Why a cluster's pods could not be made, as the cluster's condition ReplicaFailure says; empty when they could.
    private var clusterFailure: String {
        for status in [pending, active] {
            let conditions = status["rayClusterStatus"]?["conditions"]?.arrayValue ?? []
            let failure = conditions.compactMap(DeploymentCondition.init).first {
                $0.type == "ReplicaFailure" && $0.isTrue
            }
            if let failure { return failure.message }
        }
        return ""
    }

    // MARK: Workers

    private var groups: [JSONValue] { cluster["workerGroupSpecs"]?.arrayValue ?? [] }

    /// The workers wished for of some groups, at least 1 pod each replica.
    private func desired(_ groups: [JSONValue]) -> Int {
        groups.reduce(0) { sum, group in
            let isSuspended = group["suspend"]?.boolValue == true
            let replicas = group["replicas"]?.integerValue ?? group["minReplicas"]?.integerValue ?? 0
            let hosts = max(1, group["numOfHosts"]?.integerValue ?? 1)
            return sum + (isSuspended ? 0 : Int(clamping: replicas.multipliedReportingOverflow(by: hosts).0))
        }
    }

    private func readCounts(_ reading: inout DeploymentReading) {
        let status = (active["rayClusterStatus"] ?? pending["rayClusterStatus"]) ?? [:]
        var wished = desired(groups)
        // Ray's autoscaler changes the numbers of the cluster, not those of the service.
        let scales = cluster["enableInTreeAutoscaling"]?.boolValue == true && configuration.isAutoscaled
        if scales, let count = status["desiredWorkerReplicas"]?.integerValue { wished = Int(clamping: count) }
        let ready = Int(
            clamping: status["readyWorkerReplicas"]?.integerValue
                ?? status["availableWorkerReplicas"]?.integerValue ?? 0
        )
        reading.replicas = ReplicaCounts(desired: wished, ready: min(ready, wished))
        guard reading.mode == .disaggregated else { return }
        let statuses = Self.applications(active).flatMap(\.deployments)
        func counts(_ word: String, _ name: String) -> ReplicaCounts {
            let own = groups.filter { $0["groupName"]?.stringValue?.lowercased().contains(word) == true }
            let count = desired(own)
            // The status counts the workers of all groups together: those of one are known to be ready when all are, or when Serve
            // says so of their deployment.
            let isReady =
                (reading.replicas.ready >= wished && wished > 0)
                || statuses.contains { $0.name.hasPrefix(name) && $0.status == "HEALTHY" }
            return ReplicaCounts(desired: count, ready: isReady ? min(count, ready) : 0)
        }
        reading.prefill = counts("prefill", "Prefill:")
        reading.decode = counts("decode", "Decode:")
    }
}
