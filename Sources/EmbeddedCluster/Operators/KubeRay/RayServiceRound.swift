import JSON
import KubernetesModel

/// One look at a Ray service (controllers/ray/rayservice_controller.go): it has an active cluster, and a pending one that takes
/// over once its applications run.
struct RayServiceRound {
    private typealias Label = KubeRayOperator.Label

    private let service: KubernetesObject
    private let dependents: Dependents
    private let api: ClusterAPI
    private let events: EventRecorder

    /// When a cluster that no longer serves is to be deleted.
    private static let deletionTime = "ingot.dev/delete-at"

    init(_ service: KubernetesObject, _ dependents: Dependents, _ api: ClusterAPI) {
        self.service = service
        self.dependents = dependents
        self.api = api
        events = EventRecorder(api: api, component: "rayservice-controller")
    }

    private var specification: JSONValue { service.spec["rayClusterConfig"] ?? [:] }

    func run() async throws(APIStatus) -> Duration? {
        if let manager = service.spec["managedBy"]?.stringValue, manager != "ray.io/kuberay-operator" {
            return nil
        }
        if let problem {
            await events.record(
                .warning,
                "InvalidRayServiceSpec",
                "\(service.namespace)/\(service.name): \(problem)",
                about: service
            )
            try await reportInvalid(problem)
            return nil
        }
        let wait = try await cleanUp()
        var active = try await cluster("activeServiceStatus")
        var pending = try await cluster("pendingServiceStatus")
        if let one = active { active = try await update(one, isActive: true, hasPending: pending != nil) }
        if let one = pending { pending = try await update(one, isActive: false, hasPending: true) }
        // While there is a pending cluster, applications are submitted to it alone.
        let target = pending ?? active
        let applications = try await applications(in: target)
        for one in [active, pending].compactMap({ $0 }) {
            // Nothing is asked of a cluster that is to be replaced: its head goes on as it is.
            if one.name == target?.name { try await labelHead(of: one, applications: applications.statuses) }
        }
        if let target, applications.areReady { try await pointServices(at: target) }
        try await RayServiceStatus(
            service: service,
            active: active,
            pending: pending,
            applications: applications.statuses,
            isReady: applications.areReady,
            wantsNewCluster: wantsNewCluster(target)
        ).report(dependents, api)
        return wait
    }

    private var problem: String? {
        if service.name.utf8.count > 47 { return "RayService name should be no more than 47 characters" }
        if specification["headGroupSpec"]?["headService"]?["metadata"]?["name"]?.stringValue != nil {
            return "spec.rayClusterConfig.headGroupSpec.headService.metadata.name should not be set"
        }
        if let type = service.spec["upgradeStrategy"]?["type"]?.stringValue,
            !["NewCluster", "None"].contains(type)
        {
            return "Spec.UpgradeStrategy.Type value \(type) is invalid, valid options are NewCluster or None"
        }
        return RayClusterRound.problem(with: specification)
    }

    private func reportInvalid(_ problem: String) async throws(APIStatus) {
        let now = api.now()
        try await dependents.report(KubeRayOperator.services) { object in
            var conditions = Conditions(object)
            conditions.set("Ready", "False", "ValidationFailed", problem, now: now)
            guard conditions.json != object.status["conditions"] else { return }
            object.json[at: "status", "conditions"] = conditions.json
            object.json[at: "status", "lastUpdateTime"] = .string(now.kubernetesTime)
        }
    }

    // MARK: Clusters

    /// The cluster that the status names, made anew when it is pending and absent.
    private func cluster(_ member: String) async throws(APIStatus) -> KubernetesObject? {
        guard let name = service.status[member]?["rayClusterName"]?.stringValue, !name.isEmpty else {
            return nil
        }
        let key = ObjectKey(namespace: service.namespace, name: name)
        if let present = api.get(KubeRayOperator.clusters, key) { return present }
        guard member == "pendingServiceStatus" else { return nil }
        let created = try await api.create(
            KubeRayOperator.clusters,
            wanted(name),
            as: dependents.manager
        )
        await events.record(
            .normal,
            "CreatedRayCluster",
            "Created the RayCluster \(created.namespace)/\(created.name)",
            about: service
        )
        return created
    }

    private func wanted(_ name: String) -> KubernetesObject {
        var cluster = KubernetesObject([
            "apiVersion": .string(KubeRayOperator.apiVersion), "kind": .string(KubeRayOperator.clusterKind),
        ])
        cluster.name = name
        cluster.namespace = service.namespace
        cluster.ownerReferences = [OwnerReference(controller: service)]
        var labels = service.labels
        labels[Label.originName] = service.name
        labels[Label.originKind] = KubeRayOperator.serviceKind
        cluster.json[at: "metadata", "labels"] = JSONValue(texts: labels)
        var annotations = service.annotations
        annotations[Label.specHash] = RaySpecDigest.text(of: specification)
        annotations[Label.groupCount] = String(specification["workerGroupSpecs"]?.arrayValue?.count ?? 0)
        annotations[Label.version] = KubeRayOperator.version
        cluster.json[at: "metadata", "annotations"] = JSONValue(texts: annotations)
        cluster.spec = specification
        return cluster
    }

    /// Adds groups of workers that were appended; any other change needs a new cluster, and the numbers of replicas are the
    /// cluster's own (shouldUpdateCluster).
    private func update(
        _ cluster: KubernetesObject,
        isActive: Bool,
        hasPending: Bool
    ) async throws(APIStatus) -> KubernetesObject {
        guard !(isActive && hasPending), !cluster.isBeingDeleted, !isOfSpecification(cluster),
            isOfFirstGroups(cluster)
        else { return cluster }
        let goal = wanted(cluster.name)
        let updated = try await api.update(
            KubeRayOperator.clusters,
            ObjectKey(cluster),
            as: dependents.manager
        ) { object in
            object.spec = goal.spec
            object.json[at: "metadata", "labels"] = goal.json["metadata"]?["labels"]
            object.json[at: "metadata", "annotations"] = goal.json["metadata"]?["annotations"]
        }
        await events.record(
            .normal,
            "UpdatedRayCluster",
            "Updated the \(isActive ? "active" : "pending") RayCluster \(cluster.namespace)/\(cluster.name)",
            about: service
        )
        return updated
    }

    private func isOfSpecification(_ cluster: KubernetesObject) -> Bool {
        cluster.annotation(Label.specHash) == RaySpecDigest.text(of: specification)
    }

    private func isOfFirstGroups(_ cluster: KubernetesObject) -> Bool {
        guard let count = cluster.annotation(Label.groupCount).flatMap({ Int($0) }) else { return true }
        let groups = specification["workerGroupSpecs"]?.arrayValue ?? []
        guard groups.count >= count else { return false }
        let first = specification.with("workerGroupSpecs", .array(Array(groups.prefix(count))))
        return cluster.annotation(Label.specHash) == RaySpecDigest.text(of: first)
    }

    private func wantsNewCluster(_ present: KubernetesObject?) -> Bool {
        guard let present else { return true }
        if isOfSpecification(present) || isOfFirstGroups(present) { return false }
        return service.spec["upgradeStrategy"]?["type"]?.stringValue != "None"
    }

    /// Deletes clusters that serve no longer, a while after they stopped to.
    ///
    /// - Returns: How long it is until the next is due.
    private func cleanUp() async throws(APIStatus) -> Duration? {
        let named = ["activeServiceStatus", "pendingServiceStatus"].compactMap {
            service.status[$0]?["rayClusterName"]?.stringValue
        }
        let now = api.now()
        var next: Duration?
        for cluster in dependents.list(KubeRayOperator.clusters)
        where !named.contains(cluster.name) && !cluster.isBeingDeleted {
            guard let due = cluster.annotation(Self.deletionTime).flatMap({ Timestamp(rfc3339: $0) }) else {
                let delay = service.spec.integer("rayClusterDeletionDelaySeconds", default: 60)
                let text = now.adding(seconds: delay).kubernetesTime
                try await api.update(
                    KubeRayOperator.clusters,
                    ObjectKey(cluster),
                    as: dependents.manager
                ) { $0.setAnnotation(Self.deletionTime, text) }
                continue
            }
            if due > now {
                next = min(next ?? .seconds(60), now.duration(until: due) + .milliseconds(1))
                continue
            }
            try await api.delete(
                KubeRayOperator.clusters,
                ObjectKey(cluster),
                DeleteOptions(propagation: .background, uid: cluster.uid)
            )
            await events.record(
                .normal,
                "DeletedRayCluster",
                "Deleted the RayCluster \(cluster.namespace)/\(cluster.name)",
                about: service
            )
        }
        return next
    }

    // MARK: Applications

    private func pods(of cluster: KubernetesObject) -> [KubernetesObject] {
        api.list(.pods, in: cluster.namespace).filter { $0.controller?.uid == cluster.uid }
    }

    /// `applicationStatuses` of a cluster as they were told last.
    private func served(by cluster: KubernetesObject) -> JSONValue? {
        ["activeServiceStatus", "pendingServiceStatus"].compactMap { service.status[$0] }
            .first { $0["rayClusterName"]?.stringValue == cluster.name }?["applicationStatuses"]
    }

    private func applications(
        in cluster: KubernetesObject?
    ) async throws(APIStatus) -> (areReady: Bool, statuses: JSONValue?) {
        guard let cluster, cluster.condition("HeadPodReady")?["status"]?.stringValue == "True" else {
            return (false, nil)
        }
        let applications: ServeApplications
        do throws(ServeApplications.Malformed) {
            applications = try ServeApplications(
                configuration: service.spec["serveConfigV2"]?.stringValue ?? ""
            )
        } catch {
            await events.record(
                .warning,
                "FailedToUpdateServeApplications",
                "Failed to update serve applications to the RayCluster \(cluster.namespace)/\(cluster.name): "
                    + error.message,
                about: service
            )
            return (false, nil)
        }
        if let groups = applications.autoscaler?.scaled(cluster.spec) {
            let key = ObjectKey(cluster)
            try await api.update(KubeRayOperator.clusters, key, as: dependents.manager) { object in
                object.json[at: "spec", "workerGroupSpecs"] = groups
            }
        }
        let before = served(by: cluster)
        if before == nil {
            await events.record(
                .normal,
                "UpdatedServeApplications",
                "Updated serve applications to the RayCluster \(cluster.namespace)/\(cluster.name)",
                about: service
            )
        }
        let health = ServeApplications.health(
            before: before,
            pods: pods(of: cluster),
            wanted: RayClusterTotals(cluster.spec).desired
        )
        let statuses = applications.statuses(health)
        let isEmpty = statuses.objectValue?.isEmpty ?? true
        guard case .running = health, !isEmpty else { return (false, isEmpty ? nil : statuses) }
        return (true, statuses)
    }

    /// The head takes part in serving once its proxy knows of an application that runs.
    private func labelHead(of cluster: KubernetesObject, applications: JSONValue?) async throws(APIStatus) {
        guard let head = pods(of: cluster).first(where: { $0.label(Label.nodeType) == "head" }),
            !head.isBeingDeleted
        else { return }
        let serves = (applications?.objectValue ?? JSONMembers()).contains {
            ["RUNNING", "UNHEALTHY"].contains($0.value["status"]?.stringValue)
        }
        let isExcluded = service.spec["excludeHeadPodFromServeSvc"]?.boolValue == true
        let value = serves && !isExcluded && PodState.isReady(head) ? "true" : "false"
        guard head.label(Label.serve) != value else { return }
        try await api.update(.pods, ObjectKey(head), as: dependents.manager) { pod in
            pod.setLabel(Label.serve, value)
        }
    }

    private func pointServices(at cluster: KubernetesObject) async throws(APIStatus) {
        try await dependents.apply(.services, RayServices.head(of: service, to: cluster))
        guard let serve = RayServices.serve(of: service, to: cluster) else {
            await events.record(
                .warning,
                "FailedToCreateService",
                "The head's Ray container has no port named 'serve': there is no service for Ray Serve.",
                about: service
            )
            return
        }
        try await dependents.apply(.services, serve)
    }
}
