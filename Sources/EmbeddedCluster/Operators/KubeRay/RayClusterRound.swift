import JSON
import KubernetesModel

/// One look at a Ray cluster (controllers/ray/raycluster_controller.go).
struct RayClusterRound {
    private typealias Label = KubeRayOperator.Label

    private let cluster: KubernetesObject
    private let dependents: Dependents
    private let api: ClusterAPI
    private let events: EventRecorder

    init(_ cluster: KubernetesObject, _ dependents: Dependents, _ api: ClusterAPI) {
        self.cluster = cluster
        self.dependents = dependents
        self.api = api
        events = EventRecorder(api: api, component: "raycluster-controller")
    }

    /// Why pods could not be brought to what is asked for: what goes into the condition `ReplicaFailure`.
    struct Failure: Error {
        let reason: String
        let status: APIStatus
    }

    private var groups: [JSONValue] { cluster.spec["workerGroupSpecs"]?.arrayValue ?? [] }

    func run() async throws(APIStatus) -> Duration? {
        if let manager = cluster.spec["managedBy"]?.stringValue, manager != "ray.io/kuberay-operator" {
            return nil
        }
        if let problem = Self.problem(with: cluster.spec) {
            await events.record(
                .warning,
                "InvalidRayClusterSpec",
                "The RayCluster spec is invalid \(cluster.namespace)/\(cluster.name): \(problem)",
                about: cluster
            )
            return nil
        }
        try await applyServices()
        var failure: Failure?
        do throws(Failure) {
            try await reconcilePods()
        } catch {
            failure = error
        }
        try await report(failure)
        if let failure { throw failure.status }
        return nil
    }

    /// What is wrong with a cluster's specification; nil when it can be made.
    static func problem(with spec: JSONValue) -> String? {
        func hasContainer(_ group: JSONValue?) -> Bool {
            group?["template"]?["spec"]?["containers"]?.arrayValue?.isEmpty == false
        }
        guard hasContainer(spec["headGroupSpec"]) else {
            return "headGroupSpec should have at least one container"
        }
        for group in spec["workerGroupSpecs"]?.arrayValue ?? [] where !hasContainer(group) {
            return "workerGroupSpec should have at least one container"
        }
        return nil
    }

    private func applyServices() async throws(APIStatus) {
        try await apply(RayServices.head(of: cluster))
        if cluster.annotation(Label.enableServeService) == "true",
            let serve = RayServices.serve(of: cluster, to: cluster)
        {
            try await apply(serve)
        }
        if groups.contains(where: { $0.integer("numOfHosts", default: 1) > 1 }) {
            try await apply(RayServices.headless(of: cluster))
        }
    }

    private func apply(_ service: JSONValue) async throws(APIStatus) {
        let name = KubernetesObject(service).name
        let isNew = api.get(.services, ObjectKey(namespace: cluster.namespace, name: name)) == nil
        try await dependents.apply(.services, service)
        if isNew {
            await events.record(
                .normal,
                "CreatedService",
                "Created service \(cluster.namespace)/\(name)",
                about: cluster
            )
        }
    }

    // MARK: Pods

    private var pods: [KubernetesObject] { dependents.list(.pods) }

    private func reconcilePods() async throws(Failure) {
        let conditions = Conditions(cluster)
        if conditions.isTrue("RayClusterSuspending") {
            for pod in pods { try await delete(pod, "DeletedPod", "FailedDeleteAllPods") }
            return
        }
        if conditions.isTrue("RayClusterSuspended") || cluster.spec["suspend"]?.boolValue == true { return }
        try await reconcileHead()
        for group in groups { try await reconcile(group) }
        // Groups that are no longer asked for.
        let names = Set(groups.compactMap { $0["groupName"]?.stringValue })
        for pod in pods where pod.label(Label.nodeType) == "worker" {
            guard let name = pod.label(Label.group), !names.contains(name) else { continue }
            try await delete(pod, "DeletedWorkerPod", "FailedDeleteWorkerPod")
        }
    }

    private func reconcileHead() async throws(Failure) {
        let heads = pods.filter { $0.label(Label.nodeType) == "head" }
        if let head = heads.first {
            if Self.mustGo(head) { try await delete(head, "DeletedHeadPod", "FailedDeleteHeadPod") }
            return
        }
        try await create(RayPod(cluster, .head, cluster.spec["headGroupSpec"] ?? [:]))
    }

    private func reconcile(_ group: JSONValue) async throws(Failure) {
        let name = group["groupName"]?.stringValue ?? ""
        let workers = pods.filter {
            $0.label(Label.nodeType) == "worker" && $0.label(Label.group) == name
        }
        let unhealthy = workers.filter(Self.mustGo)
        for pod in unhealthy { try await delete(pod, "DeletedWorkerPod", "FailedDeleteWorkerPod") }
        // Their successors come in a later round.
        if !unhealthy.isEmpty { return }
        let named = Set(
            (group["scaleStrategy"]?["workersToDelete"]?.arrayValue ?? []).compactMap(\.stringValue)
        )
        for pod in workers where named.contains(pod.name) {
            try await delete(pod, "DeletedWorkerPod", "FailedDeleteWorkerPod")
        }
        let rest = workers.filter { !named.contains($0.name) }
        let wanted = Int(clamping: RayClusterTotals.wantedPods(group))
        if rest.count < wanted {
            for _ in rest.count..<min(wanted, rest.count + PodFactory.burst) {
                try await create(RayPod(cluster, .worker, group))
            }
        } else {
            // Those that serve least go first: the operator itself takes any.
            let order = rest.sorted { left, right in
                let (isLeft, isRight) = (PodState.isReady(left), PodState.isReady(right))
                return isLeft == isRight ? left.name < right.name : !isLeft
            }
            for pod in order.prefix(rest.count - wanted) {
                try await delete(pod, "DeletedWorkerPod", "FailedDeleteWorkerPod")
            }
        }
    }

    /// Whether a pod has ended for good (shouldDeletePod).
    private static func mustGo(_ pod: KubernetesObject) -> Bool {
        if PodState.isTerminated(pod) { return true }
        guard PodState.phase(pod) == "Running", pod.spec["restartPolicy"]?.stringValue == "Never" else {
            return false
        }
        let ray = pod.spec["containers"]?[0]?["name"]
        let status = (pod.status["containerStatuses"]?.arrayValue ?? []).first { $0["name"] == ray }
        return status?["state"]?["terminated"] != nil
    }

    private func create(_ pod: RayPod) async throws(Failure) {
        let (what, reason) = pod.role == .head ? ("head", "HeadPod") : ("worker", "WorkerPod")
        do throws(APIStatus) {
            let created = try await api.create(.pods, pod.object, as: dependents.manager)
            await events.record(
                .normal,
                "Created\(reason)",
                "Created \(what) Pod \(created.namespace)/\(created.name)",
                about: cluster
            )
        } catch {
            await events.record(
                .warning,
                "FailedToCreate\(reason)",
                "Failed to create \(what) Pod for the cluster \(cluster.namespace)/\(cluster.name), \(error.message)",
                about: cluster
            )
            throw Failure(reason: "FailedCreate\(reason)", status: error)
        }
    }

    private func delete(
        _ pod: KubernetesObject,
        _ event: String,
        _ failure: String
    ) async throws(Failure) {
        guard !pod.isBeingDeleted else { return }
        do throws(APIStatus) {
            try await api.delete(.pods, ObjectKey(pod), DeleteOptions(uid: pod.uid))
        } catch {
            throw Failure(reason: failure, status: error)
        }
        await events.record(
            .normal,
            event,
            "Deleted Pod \(pod.namespace)/\(pod.name); Pod status: \(PodState.phase(pod))",
            about: cluster
        )
    }

    // MARK: Status

    private func report(_ failure: Failure?) async throws(APIStatus) {
        let pods = pods
        let service = api.get(
            .services,
            ObjectKey(namespace: cluster.namespace, name: RayServices.headName(of: cluster))
        )
        let now = api.now()
        try await dependents.report(KubeRayOperator.clusters) { object in
            let old = object.status
            RayClusterStatus(pods: pods, headService: service, failure: failure, now: now).write(to: &object)
            var new = object.status
            new["lastUpdateTime"] = old["lastUpdateTime"]
            // A round that finds nothing new leaves no trace.
            if new == old { object.status = old }
        }
    }
}
