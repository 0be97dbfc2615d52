import HTTPServer
import HTTPTypes
import JSON
import KubernetesModel
import KubernetesSchema

/// A patch of one of the four kinds that the Kubernetes API takes.
struct ObjectPatch: Sendable {
    private enum Kind: Sendable {
        case json
        case merge
        case strategic
        /// Server-side apply.
        case apply(force: Bool)
    }

    private static let types = [
        "application/json-patch+json", "application/merge-patch+json",
        "application/strategic-merge-patch+json",
        "application/apply-patch+yaml",
    ]

    private let kind: Kind
    private let patch: JSONValue
    /// The paths of the fields that the patch's text has more than once.
    private let duplicates: [String]

    init(_ request: ResourceRequest) throws(APIStatus) {
        let type = RequestBody.mediaType(of: request.request)
        let force = try request.options.flag("force")
        switch type {
        case Self.types[0]: kind = .json
        case Self.types[1]: kind = .merge
        case Self.types[2] where !request.definition.isCustom: kind = .strategic
        case Self.types[3]:
            guard request.request.query["fieldManager"]?.isEmpty == false else {
                throw APIStatus.invalid(
                    GroupVersionKind(group: "meta.k8s.io", version: "v1", kind: "PatchOptions"),
                    "",
                    [
                        .init(
                            reason: "FieldValueRequired",
                            message: "Required value: is required for apply patch",
                            field: "fieldManager"
                        )
                    ]
                )
            }
            kind = .apply(force: force)
        default:
            throw APIStatus.unsupportedMediaType(
                type,
                accepted: Self.types.filter { $0 != Self.types[2] || !request.definition.isCustom }
            )
        }
        let (body, duplicates) = try RequestBody.valueAndDuplicates(request.request.body, of: type)
        self.duplicates = duplicates
        patch = request.isConverted ? EventConversion.storedPatch(body) : body
        guard !request.request.body.isEmpty else {
            throw APIStatus.badRequest("the request has no body; send the patch")
        }
    }

    /// For a server-side apply of an object's Scale, the same of the object itself.
    func ofScaled(_ definition: ResourceDefinition, _ paths: ScalePaths) -> ObjectPatch? {
        guard case .apply = kind, patch["kind"]?.stringValue == "Scale" else { return nil }
        var object = KubernetesObject([
            "apiVersion": .string(definition.groupVersion.apiVersion), "kind": .string(definition.kind),
        ])
        if let metadata = patch["metadata"] { object.json["metadata"] = metadata }
        if let replicas = paths.replicas(in: patch) { paths.setReplicas(replicas, in: &object) }
        return ObjectPatch(kind: kind, patch: object.json, duplicates: [])
    }

    private init(kind: Kind, patch: JSONValue, duplicates: [String]) {
        self.kind = kind
        self.patch = patch
        self.duplicates = duplicates
    }

    /// What a value becomes by a patch that needs no object's history.
    func applied(to value: JSONValue, schema: SchemaCursor? = nil) throws(APIStatus) -> JSONValue {
        do throws(PatchError) {
            switch kind {
            case .json: return try Patch.json(patch, to: value)
            case .merge: return value.merged(with: patch)
            case .strategic:
                guard let schema else { return value.merged(with: patch) }
                return try Patch.strategic(patch, to: value, schema: schema)
            case .apply: return value.merged(with: patch)
            }
        } catch {
            throw error.status
        }
    }

    /// The object that server-side apply makes of the present one.
    private func applied(
        to present: KubernetesObject?,
        _ definition: ResourceDefinition,
        _ key: ObjectKey,
        _ schema: ObjectSchema,
        _ part: ObjectPart,
        _ force: Bool,
        _ options: WriteOptions
    ) throws(APIStatus) -> KubernetesObject {
        var configuration = KubernetesObject(patch)
        guard patch.objectValue != nil, configuration.kind == definition.kind else {
            throw APIStatus.badRequest(
                "an applied configuration is a \(definition.kind) with apiVersion and kind, not "
                    + (configuration.kind.isEmpty ? patch.kindDescription : configuration.kind)
            )
        }
        if configuration.name.isEmpty { configuration.name = key.name }
        if definition.isNamespaced, configuration.namespace.isEmpty {
            configuration.namespace = key.namespace
        }
        guard ObjectKey(configuration) == key else {
            throw APIStatus.badRequest(
                "the name and namespace of the object (\(ObjectKey(configuration))) do not match those on the URL (\(key))"
            )
        }
        do throws(ApplyError) {
            return KubernetesObject(
                try ManagedFields.apply(
                    configuration.json,
                    to: present?.json,
                    schema: schema,
                    by: FieldOwnership.write(part, definition, options),
                    force: force
                )
            )
        } catch {
            throw error.status
        }
    }

    /// What a patch did.
    struct Outcome: Sendable {
        let object: KubernetesObject
        let isNew: Bool
        let warnings: [String]
    }

    /// Applies the patch to the object with that key; server-side apply makes it when there is none.
    func apply(
        in transaction: inout Transaction,
        _ definition: ResourceDefinition,
        _ key: ObjectKey,
        namespace: String,
        _ part: ObjectPart,
        _ options: WriteOptions
    ) throws(APIStatus) -> Outcome {
        let present = transaction.state.object(definition.groupResource, key)
        let schema = ObjectSchemas.cursor(of: definition, transaction.state)
        if case .apply(let force) = kind, let schema = ObjectSchemas.schema(of: definition, transaction.state)
        {
            var write = options
            write.hasOwnership = true
            let wanted = try applied(to: present, definition, key, schema, part, force, options)
            if let present {
                let stored = try transaction.replace(definition, present, with: wanted, part, write)
                return Outcome(object: stored, isNew: false, warnings: [])
            }
            guard part == .main else { throw APIStatus.notFound(definition.groupResource, key.name) }
            return Outcome(
                object: try transaction.create(definition, wanted, write),
                isNew: true,
                warnings: []
            )
        }
        guard let present else { throw APIStatus.notFound(definition.groupResource, key.name) }
        var changed = KubernetesObject(try applied(to: present.json, schema: schema))
        guard changed.json.objectValue != nil else {
            throw APIStatus.badRequest("the patched object is \(changed.json.kindDescription), not an object")
        }
        var warnings: [String] = []
        if let schema = ObjectSchemas.schema(of: definition, transaction.state) {
            let received = try schema.receive(
                patched: changed.json,
                patch: patch.description,
                duplicates: duplicates,
                validation: options.fieldValidation
            )
            changed.json = received.object
            warnings = received.warnings
        }
        let stored = try transaction.replace(definition, present, with: changed, part, options)
        return Outcome(object: stored, isNew: false, warnings: warnings)
    }
}
