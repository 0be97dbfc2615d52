import HTTPServer
import HTTPTypes
import JSON
import KubernetesModel

/// Answers requests for parts of objects: status, scale, log, binding, eviction, token, proxy and so on.
struct SubresourceHandler: Sendable {
    let api: ClusterAPI
    let read: ReadHandler
    let write: WriteHandler
    let reviews: ReviewHandler
    let logs: any PodLogSource
    let proxy: ProxyHandler

    func answer(_ request: ResourceRequest, _ answers: ObjectAnswers) async throws(APIStatus) -> Response {
        guard let subresource = request.path.subresource,
            request.definition.subresources.contains(subresource)
        else { throw APIStatus.noSuchPath }
        let method = request.request.method
        switch (subresource, method) {
        case ("status", .get): return try read.get(request, answers)
        case ("status", .put): return try await write.update(request, .status, answers)
        case ("status", .patch): return try await write.patch(request, .status, answers)
        case ("scale", .get), ("scale", .put), ("scale", .patch):
            return try await ScaleHandler(api: api).answer(request)
        case ("finalize", .put): return try await finalize(request, answers)
        case ("binding", .post): return try await bind(request)
        case ("eviction", .post): return try await evict(request)
        case ("token", .post): return try reviews.token(request)
        case ("log", .get): return try await LogHandler(api: api, source: logs).answer(request)
        case ("proxy", _): return try await proxy.answer(request)
        case ("ephemeralcontainers", .get), ("resize", .get): return try read.get(request, answers)
        case ("exec", _), ("attach", _), ("portforward", _), ("ephemeralcontainers", _), ("resize", _):
            throw APIStatus(
                code: 501,
                reason: .methodNotAllowed,
                message:
                    "this cluster has no \(subresource): it is embedded in ingot, and its simulated pods have no "
                    + "processes; use a Kubernetes cluster for that"
            )
        default: throw APIStatus.methodNotAllowed
        }
    }

    /// Replaces a namespace's finalizers; with the last of them an ending namespace goes.
    private func finalize(_ request: ResourceRequest, _ answers: ObjectAnswers) async throws(APIStatus)
        -> Response
    {
        let object = try RequestBody.object(request.request)
        let finalizers = object.spec["finalizers"] ?? []
        let (definition, key) = (request.definition, ObjectKey(name: request.path.name ?? ""))
        let options = try request.writeOptions(api.now())
        let stored = try await api.store.write { (transaction) throws(APIStatus) in
            guard let present = transaction.state.object(definition.groupResource, key) else {
                throw APIStatus.notFound(definition.groupResource, key.name)
            }
            var changed = present
            changed.json[at: "spec", "finalizers"] = finalizers
            return try transaction.replace(definition, present, with: changed, .main, options)
        }
        return answers.one(stored)
    }

    private func bind(_ request: ResourceRequest) async throws(APIStatus) -> Response {
        let binding = try RequestBody.object(request.request)
        guard let node = binding.json["target"]?["name"]?.stringValue, !node.isEmpty else {
            throw APIStatus.badRequest("target.name: Required value: the name of the node")
        }
        let (key, now) = (request.key, api.now())
        let uid = binding.json["metadata"]?["uid"]?.stringValue
        _ = try await api.store.write { (transaction) throws(APIStatus) in
            try transaction.bind(key, uid: uid, to: node, now: now)
        }
        return Response(status: .init(code: 201), json: Self.success)
    }

    private func evict(_ request: ResourceRequest) async throws(APIStatus) -> Response {
        let eviction = try RequestBody.object(request.request)
        guard let pod = api.get(.pods, request.key) else { throw APIStatus.notFound(.pods, request.key.name) }
        if let budget = DisruptionBudgets.refusing(pod, api.state) {
            var status = APIStatus(
                code: 429,
                reason: .tooManyRequests,
                message: "Cannot evict pod as it would violate the pod's disruption budget."
            )
            status.causes = [
                .init(
                    reason: "DisruptionBudget",
                    message: "The disruption budget \(budget) does not allow it just now.",
                    field: ""
                )
            ]
            throw status
        }
        let options = eviction.json["deleteOptions"]
        try await api.delete(
            .pods,
            request.key,
            DeleteOptions(
                gracePeriodSeconds: options?["gracePeriodSeconds"]?.integerValue,
                uid: options?["preconditions"]?["uid"]?.stringValue
            )
        )
        return Response(status: .init(code: 201), json: Self.success)
    }

    static let success: JSONValue = [
        "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "code": 201,
    ]
}

/// Pod disruption budgets, as evictions heed them (policy/v1).
enum DisruptionBudgets {
    /// The name of a budget that forbids ending that pod now, or nil.
    static func refusing(_ pod: KubernetesObject, _ state: ClusterState) -> String? {
        let resource = GroupResource(group: "policy", resource: "poddisruptionbudgets")
        for budget in state.objects(resource, in: pod.namespace) {
            guard let object = budget.spec["selector"], let selector = try? LabelSelector(object: object),
                pod.matches(selector)
            else { continue }
            let pods = state.objects(.pods, in: pod.namespace).filter { $0.matches(selector) }
            let healthy = pods.count {
                $0.condition("Ready")?["status"]?.stringValue == "True" && !$0.isBeingDeleted
            }
            if healthy <= needed(budget.spec, expected: pods.count) { return budget.name }
        }
        return nil
    }

    private static func needed(_ spec: JSONValue, expected: Int) -> Int {
        if let minimum = spec["minAvailable"] { return amount(minimum, of: expected) }
        return expected - amount(spec["maxUnavailable"] ?? 1, of: expected)
    }

    /// A number, or a percentage rounded up.
    private static func amount(_ value: JSONValue, of whole: Int) -> Int {
        if let number = value.integerValue { return Int(clamping: number) }
        guard let text = value.stringValue, text.hasSuffix("%"), let percent = Int(text.dropLast()) else {
            return 0
        }
        return (whole * percent + 99) / 100
    }
}

/// The conditions in a pod's status.
enum PodConditions {
    /// Sets a condition; the time of transition changes only with its status.
    static func set(
        _ type: String,
        _ isTrue: Bool,
        _ reason: String?,
        _ message: String?,
        at time: String,
        in pod: inout KubernetesObject
    ) {
        var conditions = pod.status["conditions"]?.arrayValue ?? []
        let status: JSONValue = isTrue ? "True" : "False"
        let index = conditions.firstIndex { $0["type"]?.stringValue == type }
        let previous = index.map { conditions[$0] }
        var condition: JSONValue = [
            "type": .string(type), "status": status,
            "lastProbeTime": .null,
            "lastTransitionTime": previous?["status"] == status
                ? previous?["lastTransitionTime"] ?? .string(time) : .string(time),
        ]
        if let reason { condition["reason"] = .string(reason) }
        if let message { condition["message"] = .string(message) }
        if let index { conditions[index] = condition } else { conditions.append(condition) }
        pod.json[at: "status", "conditions"] = .array(conditions)
    }
}
