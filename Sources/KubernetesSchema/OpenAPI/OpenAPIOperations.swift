import JSON
import KubernetesModel

/// The paths of a collection in an OpenAPI document, with their operations.
struct OpenAPIOperations {
    private let groupVersion: GroupVersion
    private let resource: OpenAPIResource

    init(_ groupVersion: GroupVersion, _ resource: OpenAPIResource) {
        self.groupVersion = groupVersion
        self.resource = resource
    }

    private enum Action: String {
        case get
        case list
        case post
        case put
        case patch
        case delete
        case deletecollection

        var method: String {
            switch self {
            case .list: "get"
            case .deletecollection: "delete"
            default: rawValue
            }
        }

        var verb: String {
            switch self {
            case .get: "read"
            case .list: "list"
            case .post: "create"
            case .put: "replace"
            case .patch: "patch"
            case .delete: "delete"
            case .deletecollection: "deleteCollection"
            }
        }
    }

    /// Each path with what can be done there.
    var paths: [(String, JSONValue)] {
        let scope = resource.isNamespaced ? "/namespaces/{namespace}" : ""
        let collection = "\(groupVersion.path)\(scope)/\(resource.plural)"
        var result: [(String, JSONValue)] = []
        let actions = resource.actions
        if resource.isNamespaced, actions.contains(.read) {
            let everywhere = item([.list], namespaced: false, named: false, subresource: nil)
            result.append(("\(groupVersion.path)/\(resource.plural)", everywhere))
        }
        var onCollection: [Action] = []
        if actions.contains(.read) { onCollection.append(.list) }
        if actions.contains(.create) { onCollection.append(.post) }
        if actions.contains(.delete) { onCollection.append(.deletecollection) }
        result.append(
            (
                collection,
                item(onCollection, namespaced: resource.isNamespaced, named: false, subresource: nil)
            )
        )
        let onObject = Self.actions(onObject: actions.subtracting(.create))
        if !onObject.isEmpty {
            let object = item(onObject, namespaced: resource.isNamespaced, named: true, subresource: nil)
            result.append(("\(collection)/{name}", object))
        }
        for subresource in resource.subresources {
            let part = item(
                Self.actions(onObject: subresource.actions),
                namespaced: resource.isNamespaced,
                named: true,
                subresource: subresource
            )
            result.append(("\(collection)/{name}/\(subresource.name)", part))
        }
        return result
    }

    private static func actions(onObject actions: OpenAPIResource.Actions) -> [Action] {
        var result: [Action] = []
        if actions.contains(.read) { result.append(.get) }
        if actions.contains(.create) { result.append(.post) }
        if actions.contains(.update) { result += [.put, .patch] }
        if actions.contains(.delete) { result.append(.delete) }
        return result
    }

    private func item(
        _ actions: [Action],
        namespaced: Bool,
        named: Bool,
        subresource: OpenAPIResource.Subresource?
    ) -> JSONValue {
        var item = JSONMembers()
        for action in actions {
            let operation = operation(action, namespaced: namespaced, subresource: subresource)
            item[action.method] = operation
        }
        var parameters: [JSONValue] = []
        if named {
            parameters.append(
                Self.parameter("name", "The name of the \(resource.schema.type.kind).", place: "path")
            )
        }
        if namespaced {
            parameters.append(Self.parameter("namespace", "The namespace of the object.", place: "path"))
        }
        parameters.append(Self.parameter("pretty", "Whether the answer is indented."))
        item["parameters"] = .array(parameters)
        return .object(item)
    }

    private func operation(
        _ action: Action,
        namespaced: Bool,
        subresource: OpenAPIResource.Subresource?
    ) -> JSONValue {
        let type = subresource?.type ?? resource.schema.type
        let name = subresource.map { SchemaCatalog.builtin[$0.type]?.name ?? resource.schema.name }
        let schema = Self.reference(name ?? resource.schema.name)
        var operation = JSONMembers()
        operation["operationId"] = .string(
            identifier(action, namespaced: namespaced, subresource: subresource)
        )
        operation["tags"] = [.string(tag)]
        operation["parameters"] = .array(Self.parameters(of: action))
        switch action {
        case .post, .put:
            operation["requestBody"] = ["required": true, "content": ["*/*": ["schema": schema]]]
        case .patch:
            var content = JSONMembers()
            var types = ["json-patch+json", "merge-patch+json", "apply-patch+yaml"]
            if !resource.schema.isCustom { types.append("strategic-merge-patch+json") }
            for type in types { content["application/\(type)"] = ["schema": ["type": "object"]] }
            operation["requestBody"] = ["required": true, "content": .object(content)]
        case .delete, .deletecollection:
            operation["requestBody"] = [
                "content": ["*/*": ["schema": Self.reference(OpenAPIDocument.deleteOptions)]]
            ]
        case .get, .list: break
        }
        let answer =
            switch action {
            case .list: Self.reference(listName)
            case .delete, .deletecollection: Self.reference(OpenAPIDocument.status)
            default: schema
            }
        let code = action == .post ? "201" : "200"
        operation["responses"] = [
            code: [
                "description": action == .post ? "Created" : "OK",
                "content": ["application/json": ["schema": answer]],
            ],
            "401": ["description": "Unauthorized"],
        ]
        operation["x-kubernetes-action"] = .string(action.rawValue)
        operation["x-kubernetes-group-version-kind"] = type.openAPI
        return .object(operation)
    }

    private var listName: String {
        resource.schema.isCustom
            ? resource.schema.name + "List"
            : SchemaCatalog.builtin[resource.schema.type.list]?.name ?? resource.schema.name
    }

    private static func reference(_ name: String) -> JSONValue {
        ["$ref": .string(StructuralSchema.referencePrefix + name)]
    }

    // MARK: Names

    /// `apps_v1`, as upstream groups operations.
    private var tag: String {
        "\(groupVersion.group.isEmpty ? "core" : Self.camel(groupVersion.group, isFirstUpper: false))_\(groupVersion.version)"
    }

    /// `createAppsV1NamespacedDeployment`, as upstream names operations.
    private func identifier(
        _ action: Action,
        namespaced: Bool,
        subresource: OpenAPIResource.Subresource?
    ) -> String {
        let group = groupVersion.group.isEmpty ? "Core" : Self.camel(groupVersion.group, isFirstUpper: true)
        let version = groupVersion.version.prefix(1).uppercased() + groupVersion.version.dropFirst()
        let kind =
            resource.schema.type.kind + (subresource.map { Self.camel($0.name, isFirstUpper: true) } ?? "")
        let isEverywhere = resource.isNamespaced && !namespaced
        return action.verb + group + version + (namespaced ? "Namespaced" : "") + kind
            + (isEverywhere ? "ForAllNamespaces" : "")
    }

    /// `rbac.authorization.k8s.io` → `rbacAuthorization`; a group of one's own keeps its whole name.
    private static func camel(_ group: String, isFirstUpper: Bool) -> String {
        let name = group.hasSuffix(".k8s.io") ? group.dropLast(".k8s.io".count) : group[...]
        return name.split(whereSeparator: { $0 == "." || $0 == "-" }).enumerated().map { index, part in
            index == 0 && !isFirstUpper ? String(part) : part.prefix(1).uppercased() + part.dropFirst()
        }.joined()
    }

    // MARK: Parameters

    private static func parameter(
        _ name: String,
        _ description: String,
        place: String = "query",
        type: String = "string"
    ) -> JSONValue {
        var parameter: JSONValue = [
            "name": .string(name), "in": .string(place), "description": .string(description),
            "schema": ["type": .string(type), "uniqueItems": true],
        ]
        if place == "path" { parameter["required"] = true }
        return parameter
    }

    private static func parameters(of action: Action) -> [JSONValue] {
        let dryRun = parameter("dryRun", "All for a request that changes nothing.")
        let manager = parameter("fieldManager", "Who makes the change, for metadata.managedFields.")
        let validation = parameter(
            "fieldValidation",
            "What is done about unknown and duplicate fields: Strict refuses, Warn warns, Ignore drops them."
        )
        switch action {
        case .get: return []
        case .post, .put: return [dryRun, manager, validation]
        case .patch:
            let force = parameter(
                "force",
                "Whether an apply takes over fields of other managers.",
                type: "boolean"
            )
            return [dryRun, manager, validation, force]
        case .list: return selection
        case .delete, .deletecollection:
            let deletion = [
                dryRun,
                parameter("gracePeriodSeconds", "How long the object may take to end.", type: "integer"),
                parameter(
                    "propagationPolicy",
                    "What becomes of dependents: Orphan, Background or Foreground."
                ),
            ]
            return action == .delete ? deletion : selection + deletion
        }
    }

    private static let selection = [
        parameter("allowWatchBookmarks", "Whether a watch may send bookmarks.", type: "boolean"),
        parameter("continue", "The token of the part of the list that follows."),
        parameter("fieldSelector", "Selects objects by their fields."),
        parameter("labelSelector", "Selects objects by their labels."),
        parameter("limit", "How many objects the answer may have.", type: "integer"),
        parameter("resourceVersion", "The state of the collection that is asked for."),
        parameter("resourceVersionMatch", "How resourceVersion is meant."),
        parameter("sendInitialEvents", "Whether a watch begins with the present objects.", type: "boolean"),
        parameter("timeoutSeconds", "How long the request may take.", type: "integer"),
        parameter("watch", "Whether changes are sent as they happen.", type: "boolean"),
    ]
}
