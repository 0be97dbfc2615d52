import HTTPServer
import HTTPTypes
import JSON
import KubernetesModel

/// Answers the scale subresource: the number of replicas of an object as autoscaling/v1 Scale.
struct ScaleHandler: Sendable {
    let api: ClusterAPI

    func answer(_ request: ResourceRequest) async throws(APIStatus) -> Response {
        let resource = request.definition.groupResource
        guard let present = api.get(resource, request.key) else {
            throw APIStatus.notFound(resource, request.key.name)
        }
        let paths = ScalePaths(request.definition, api.state)
        switch request.request.method {
        case .get: return Response(json: paths.scale(of: present))
        case .put:
            let wanted = try RequestBody.object(request.request)
            return try await set(request, paths) { _ in wanted.json }
        default:
            let patch = try ObjectPatch(request)
            if let patch = patch.ofScaled(request.definition, paths) {
                return try await apply(patch, request, paths)
            }
            return try await set(request, paths) { (scale) throws(APIStatus) in try patch.applied(to: scale) }
        }
    }

    /// Server-side apply of a Scale: the manager then owns the number of replicas of the object itself.
    private func apply(
        _ patch: ObjectPatch,
        _ request: ResourceRequest,
        _ paths: ScalePaths
    ) async throws(APIStatus) -> Response {
        let (definition, key) = (request.definition, request.key)
        let options = try request.writeOptions(api.now())
        let body: ObjectStore.Body<KubernetesObject> = { (transaction) throws(APIStatus) in
            try patch.apply(in: &transaction, definition, key, namespace: key.namespace, .scale, options)
                .object
        }
        return Response(json: paths.scale(of: try await write(body, request)))
    }

    private func write(
        _ body: @escaping ObjectStore.Body<KubernetesObject>,
        _ request: ResourceRequest
    ) async throws(APIStatus) -> KubernetesObject {
        try await WriteHandler(api: api).run(try request.options.isDryRun(), body)
    }

    /// Makes the Scale what `change` says, from what it is at the moment of the write.
    private func set(
        _ request: ResourceRequest,
        _ paths: ScalePaths,
        _ change: @escaping @Sendable (JSONValue) throws(APIStatus) -> JSONValue
    ) async throws(APIStatus) -> Response {
        let (definition, key) = (request.definition, request.key)
        let options = try request.writeOptions(api.now())
        let body: ObjectStore.Body<KubernetesObject> = { (transaction) throws(APIStatus) in
            guard let present = transaction.state.object(definition.groupResource, key) else {
                throw APIStatus.notFound(definition.groupResource, key.name)
            }
            let scale = try change(paths.scale(of: present))
            let replicas = paths.replicas(in: scale) ?? 0
            guard replicas >= 0 else { throw Self.negative(replicas, key.name) }
            var changed = present
            let version = scale["metadata"]?["resourceVersion"]?.stringValue ?? ""
            changed.resourceVersion = version.isEmpty ? present.resourceVersion : version
            paths.setReplicas(replicas, in: &changed)
            return try transaction.replace(definition, present, with: changed, .scale, options)
        }
        return Response(json: paths.scale(of: try await write(body, request)))
    }

    private static func negative(_ replicas: Int64, _ name: String) -> APIStatus {
        APIStatus.invalid(
            GroupVersionKind(group: "autoscaling", version: "v1", kind: "Scale"),
            name,
            [
                .init(
                    reason: "FieldValueInvalid",
                    message: "Invalid value: \(replicas): must be greater than or equal to 0",
                    field: "spec.replicas"
                )
            ]
        )
    }
}

/// Where an object keeps what its Scale shows.
struct ScalePaths: Sendable {
    private let specReplicas: [String]
    private let statusReplicas: [String]
    private let selector: [String]

    init(_ definition: ResourceDefinition, _ state: ClusterState) {
        var paths: JSONValue?
        if definition.isCustom {
            let crd = state.object(
                .customResourceDefinitions,
                ObjectKey(name: definition.groupResource.description)
            )
            let version = crd?.spec["versions"]?.arrayValue?.first {
                $0["name"]?.stringValue == definition.version
            }
            paths = version?["subresources"]?["scale"]
        }
        func path(_ key: String, _ fallback: String) -> [String] {
            (paths?[key]?.stringValue ?? fallback).split(separator: ".").map(String.init)
        }
        specReplicas = path("specReplicasPath", ".spec.replicas")
        statusReplicas = path("statusReplicasPath", ".status.replicas")
        selector = path("labelSelectorPath", definition.isCustom ? "" : ".spec.selector")
    }

    private static func value(_ object: JSONValue, _ path: [String]) -> JSONValue? {
        path.isEmpty ? nil : path.reduce(Optional(object)) { $0?[$1] }
    }

    func scale(of object: KubernetesObject) -> JSONValue {
        var metadata: JSONValue = ["name": .string(object.name)]
        for key in ["namespace", "uid", "resourceVersion", "creationTimestamp"] {
            if let value = object.json["metadata"]?[key] { metadata[key] = value }
        }
        var status: JSONValue = [
            "replicas": .integer(Self.value(object.json, statusReplicas)?.integerValue ?? 0)
        ]
        switch Self.value(object.json, selector) {
        case .string(let text): status["selector"] = .string(text)
        case let value?:
            if let selector = try? LabelSelector(object: value) {
                status["selector"] = .string(selector.description)
            }
        case nil: break
        }
        return [
            "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata,
            "spec": ["replicas": .integer(Self.value(object.json, specReplicas)?.integerValue ?? 0)],
            "status": status,
        ]
    }

    /// The number of replicas that a Scale, or a part of one, asks for.
    func replicas(in scale: JSONValue) -> Int64? { scale["spec"]?["replicas"]?.integerValue }

    func setReplicas(_ count: Int64, in object: inout KubernetesObject) {
        func set(_ value: inout JSONValue, _ path: ArraySlice<String>) {
            guard let key = path.first else { return }
            if path.count == 1 {
                value[key] = .integer(count)
            } else {
                var inner = value[key] ?? [:]
                set(&inner, path.dropFirst())
                value[key] = inner
            }
        }
        set(&object.json, specReplicas[...])
    }
}
