import JSON
import KubernetesModel

/// What is said of a Ray service (calculateStatus in controllers/ray/rayservice_controller.go).
struct RayServiceStatus: Sendable {
    let service: KubernetesObject
    let active: KubernetesObject?
    let pending: KubernetesObject?
    /// Those of the pending cluster, or of the active one when none is pending.
    let applications: JSONValue?
    /// Whether all of them run, so that the services lead to that cluster.
    let isReady: Bool
    let wantsNewCluster: Bool

    func report(_ dependents: Dependents, _ api: ClusterAPI) async throws(APIStatus) {
        let key = ObjectKey(namespace: service.namespace, name: "\(service.name)-serve-svc")
        let endpoints = (api.get(.endpoints, key)?.json["subsets"]?.arrayValue ?? [])
            .reduce(0) { $0 + ($1["addresses"]?.arrayValue?.count ?? 0) }
        let now = api.now()
        let name = Self.newClusterName(service.name)
        try await dependents.report(KubeRayOperator.services) { object in
            let old = object.status
            var status: JSONValue = old.isNull ? [:] : old
            status["observedGeneration"] = .integer(service.generation)
            setClusters(&status, newName: name)
            status["numServeEndpoints"] = endpoints == 0 ? nil : .integer(Int64(endpoints))
            setConditions(&status, Conditions(object), endpoints, now)
            if status != old {
                status["lastUpdateTime"] = .string(now.kubernetesTime)
                object.status = status
            }
        }
    }

    /// As upstream's GenerateRayClusterName: five characters that make no words.
    private static func newClusterName(_ service: String) -> String {
        let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
        return "\(service)-" + String((0..<5).compactMap { _ in alphabet.randomElement() })
    }

    private func setClusters(_ status: inout JSONValue, newName: String) {
        // Applications are told of one cluster at a time.
        var activeStatus = Self.describe(active, pending == nil ? applications : nil)
        var pendingStatus = Self.describe(pending, pending == nil ? nil : applications)
        var isPendingServing = false
        if pending != nil, isReady {
            activeStatus = pendingStatus
            pendingStatus = [:]
            isPendingServing = true
        }
        if wantsNewCluster, !isPendingServing { pendingStatus = ["rayClusterName": .string(newName)] }
        status["activeServiceStatus"] = activeStatus
        status["pendingServiceStatus"] = pendingStatus
    }

    private static func describe(_ cluster: KubernetesObject?, _ applications: JSONValue?) -> JSONValue {
        guard let cluster else { return [:] }
        var description: JSONValue = ["rayClusterName": .string(cluster.name)]
        description["rayClusterStatus"] = cluster.status.isNull ? [:] : cluster.status
        description["applicationStatuses"] = applications
        return description
    }

    private func setConditions(
        _ status: inout JSONValue,
        _ present: Conditions,
        _ endpoints: Int,
        _ now: Timestamp
    ) {
        var conditions = present
        if conditions.entries.isEmpty {
            for type in ["Ready", "UpgradeInProgress"] {
                conditions.set(type, "False", "Initializing", "RayService is initializing", now: now)
            }
        }
        if endpoints > 0 {
            conditions.set(
                "Ready",
                "True",
                "NonZeroServeEndpoints",
                "Number of serve endpoints is greater than 0",
                now: now
            )
        } else if conditions.isTrue("Ready") {
            conditions.set(
                "Ready",
                "False",
                "ZeroServeEndpoints",
                "Number of serve endpoints dropped to 0",
                now: now
            )
        }
        let hasActive = status["activeServiceStatus"]?["rayClusterName"] != nil
        let hasPending = status["pendingServiceStatus"]?["rayClusterName"] != nil
        if hasActive {
            conditions.set(
                "UpgradeInProgress",
                hasPending ? "True" : "False",
                hasPending ? "BothActivePendingClustersExist" : "NoPendingCluster",
                hasPending
                    ? "Both active and pending Ray clusters exist"
                    : "Active Ray cluster exists and no pending Ray cluster",
                now: now
            )
        } else if conditions["UpgradeInProgress"]?["reason"]?.stringValue != "Initializing" {
            conditions.set(
                "UpgradeInProgress",
                "Unknown",
                "NoActiveCluster",
                "No active Ray cluster exists, and the RayService is not initializing.",
                now: now
            )
        }
        status["conditions"] = conditions.json
        // Upstream leaves the member out while it is empty.
        status["serviceStatus"] = conditions.isTrue("Ready") ? "Running" : nil
    }
}
