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
                    "this cluster has no \(subresource): it is embedded in ingot, where most pods are simulated; a port of "
                    + "a pod on this machine is reached at the pod's address, or through its proxy subresource"
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
        let isDryRun = try request.options.isDryRun()
        let stored = try await write.run(isDryRun) { (transaction) throws(APIStatus) in
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
        _ = try await write.run(try request.options.isDryRun()) { (transaction) throws(APIStatus) in
            try transaction.bind(key, uid: uid, to: node, now: now)
        }
        return Response(status: .init(code: 201), json: Self.success)
    }

    private func evict(_ request: ResourceRequest) async throws(APIStatus) -> Response {
        let eviction = try RequestBody.object(request.request)
        let (options, dryRun) = try RequestBody.deleteOptions(
            eviction.json["deleteOptions"] ?? [:],
            request.request.query
        )
        let (definition, key, now) = (request.definition, request.key, api.now())
        _ = try await write.run(dryRun) { (transaction) throws(APIStatus) in
            guard let pod = transaction.state.object(.pods, key) else {
                throw APIStatus.notFound(.pods, key.name)
            }
            if let budget = DisruptionDemand.budget(refusing: pod, transaction.state) {
                throw Self.refusal(budget)
            }
            return try transaction.delete(definition, pod, options, now: now)
        }
        return Response(status: .init(code: 201), json: Self.success)
    }

    private static func refusal(_ budget: String) -> APIStatus {
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
        return status
    }

    static let success: JSONValue = [
        "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "code": 201,
    ]
}
