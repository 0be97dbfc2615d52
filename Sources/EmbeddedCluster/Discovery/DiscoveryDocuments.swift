import JSON
import KubernetesModel

/// What the API says of itself: groups, versions and resources, in the old form and in the aggregated one.
struct DiscoveryDocuments: Sendable {
    let catalog: ResourceCatalog

    /// The groups with names, each with its versions in order of preference.
    private var groups: [(name: String, versions: [String])] {
        var groups: [(name: String, versions: [String])] = []
        for definition in catalog.definitions where !definition.group.isEmpty {
            if let index = groups.firstIndex(where: { $0.name == definition.group }) {
                if !groups[index].versions.contains(definition.version) {
                    groups[index].versions.append(definition.version)
                }
            } else {
                groups.append((definition.group, [definition.version]))
            }
        }
        // Definitions of one group may disagree on versions: those of the whole group have one order of preference.
        return groups.map { ($0.name, $0.versions.sorted { VersionPriority($0) < VersionPriority($1) }) }
    }

    /// `GET /api`.
    func coreVersions(address: String) -> JSONValue {
        [
            "kind": "APIVersions", "versions": ["v1"],
            "serverAddressByClientCIDRs": [["clientCIDR": "0.0.0.0/0", "serverAddress": .string(address)]],
        ]
    }

    /// `GET /apis`.
    func groupList() -> JSONValue {
        [
            "kind": "APIGroupList", "apiVersion": "v1",
            "groups": .array(groups.map { group($0.name, $0.versions) }),
        ]
    }

    /// `GET /apis/{group}`; nil when there is none.
    func group(named name: String) -> JSONValue? {
        guard let found = groups.first(where: { $0.name == name }) else { return nil }
        var document: JSONValue = ["kind": "APIGroup", "apiVersion": "v1"]
        for member in group(found.name, found.versions).objectValue ?? JSONMembers() {
            document[member.key] = member.value
        }
        return document
    }

    private func group(_ name: String, _ versions: [String]) -> JSONValue {
        let entries = versions.map { version -> JSONValue in
            ["groupVersion": .string("\(name)/\(version)"), "version": .string(version)]
        }
        return [
            "name": .string(name), "versions": .array(entries), "preferredVersion": entries.first ?? .null,
        ]
    }

    /// `GET /api/v1` and `GET /apis/{group}/{version}`; nil when there is none.
    func resourceList(_ groupVersion: GroupVersion) -> JSONValue? {
        let definitions = catalog.definitions.filter { $0.groupVersion == groupVersion }
        guard !definitions.isEmpty else { return nil }
        var resources: [JSONValue] = []
        for definition in definitions {
            resources.append(resource(definition))
            resources += definition.subresources.map { subresource($0, of: definition) }
        }
        return [
            "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": .string(groupVersion.apiVersion),
            "resources": .array(resources),
        ]
    }

    private func resource(_ definition: ResourceDefinition) -> JSONValue {
        var resource: JSONValue = [
            "name": .string(definition.plural), "singularName": .string(definition.singular),
            "namespaced": .bool(definition.isNamespaced), "kind": .string(definition.kind),
            "verbs": .array(definition.verbs.names.map(JSONValue.string)),
        ]
        if !definition.shortNames.isEmpty {
            resource["shortNames"] = .array(definition.shortNames.map(JSONValue.string))
        }
        if !definition.categories.isEmpty {
            resource["categories"] = .array(definition.categories.map(JSONValue.string))
        }
        return resource
    }

    private func subresource(_ name: String, of definition: ResourceDefinition) -> JSONValue {
        let form = Subresources.form(name, of: definition)
        var resource: JSONValue = [
            "name": .string("\(definition.plural)/\(name)"), "singularName": "",
            "namespaced": .bool(definition.isNamespaced), "kind": .string(form.kind.kind),
            "verbs": .array(form.verbs.map(JSONValue.string)),
        ]
        if form.kind.groupVersion != definition.groupVersion {
            resource["group"] = .string(form.kind.group)
            resource["version"] = .string(form.kind.version)
        }
        return resource
    }

    /// The aggregated form (apidiscovery.k8s.io): the core group, or all others.
    func aggregated(core: Bool, version: String) -> JSONValue {
        let names = core ? [("", ["v1"])] : groups.map { ($0.name, $0.versions) }
        let items = names.map { name, versions -> JSONValue in
            [
                "metadata": name.isEmpty
                    ? ["creationTimestamp": .null] : ["name": .string(name), "creationTimestamp": .null],
                "versions": .array(
                    versions.map { aggregatedVersion(GroupVersion(group: name, version: $0)) }
                ),
            ]
        }
        return [
            "kind": "APIGroupDiscoveryList", "apiVersion": .string("apidiscovery.k8s.io/\(version)"),
            "metadata": [:],
            "items": .array(items),
        ]
    }

    private func aggregatedVersion(_ groupVersion: GroupVersion) -> JSONValue {
        let resources = catalog.definitions.filter { $0.groupVersion == groupVersion }.map {
            definition -> JSONValue in
            var resource: JSONValue = [
                "resource": .string(definition.plural), "responseKind": responseKind(definition.objectType),
                "scope": definition.isNamespaced ? "Namespaced" : "Cluster",
                "singularResource": .string(definition.singular),
                "verbs": .array(definition.verbs.names.map(JSONValue.string)),
            ]
            if !definition.shortNames.isEmpty {
                resource["shortNames"] = .array(definition.shortNames.map(JSONValue.string))
            }
            if !definition.categories.isEmpty {
                resource["categories"] = .array(definition.categories.map(JSONValue.string))
            }
            if !definition.subresources.isEmpty {
                resource["subresources"] = .array(
                    definition.subresources.map { name in
                        let form = Subresources.form(name, of: definition)
                        return [
                            "subresource": .string(name), "responseKind": responseKind(form.kind),
                            "verbs": .array(form.verbs.map(JSONValue.string)),
                        ]
                    }
                )
            }
            return resource
        }
        return [
            "version": .string(groupVersion.version), "resources": .array(resources), "freshness": "Current",
        ]
    }

    private func responseKind(_ kind: GroupVersionKind) -> JSONValue {
        ["group": .string(kind.group), "version": .string(kind.version), "kind": .string(kind.kind)]
    }
}

/// What subresources take and give.
enum Subresources {
    static func form(_ name: String, of definition: ResourceDefinition) -> (
        kind: GroupVersionKind, verbs: [String]
    ) {
        let own = definition.objectType
        switch name {
        case "scale":
            return (
                GroupVersionKind(group: "autoscaling", version: "v1", kind: "Scale"),
                ["get", "patch", "update"]
            )
        case "binding": return (GroupVersionKind(version: "v1", kind: "Binding"), ["create"])
        case "eviction":
            return (GroupVersionKind(group: "policy", version: "v1", kind: "Eviction"), ["create"])
        case "token":
            return (
                GroupVersionKind(group: "authentication.k8s.io", version: "v1", kind: "TokenRequest"),
                ["create"]
            )
        case "log": return (own, ["get"])
        case "finalize": return (own, ["update"])
        case "proxy":
            return (
                GroupVersionKind(version: "v1", kind: definition.kind + "ProxyOptions"),
                ["create", "delete", "get", "patch", "update"]
            )
        case "exec": return (GroupVersionKind(version: "v1", kind: "PodExecOptions"), ["create", "get"])
        case "attach": return (GroupVersionKind(version: "v1", kind: "PodAttachOptions"), ["create", "get"])
        case "portforward":
            return (GroupVersionKind(version: "v1", kind: "PodPortForwardOptions"), ["create", "get"])
        default: return (own, ["get", "patch", "update"])
        }
    }
}
