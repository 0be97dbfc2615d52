internal import HTTPTypes
internal import JSON
public import KubernetesModel

/// A resource that the API server serves.
public struct DiscoveredResource: Sendable, Hashable {
    /// The group, the version and the plural name.
    public var resource: GroupVersionResource
    /// The kind of its objects.
    public var kind: String
    /// The singular name; empty where the server gives none.
    public var singular: String
    /// Short names, such as `po`.
    public var shortNames: [String]
    /// Categories, such as `all`.
    public var categories: [String]
    /// Whether its objects lie in namespaces.
    public var isNamespaced: Bool
    /// What can be done with it, such as `watch`.
    public var verbs: [String]
    /// Its subresources, such as `status`.
    public var subresources: [String]
}

/// What an API server serves.
public struct APIDiscovery: Sendable, Hashable {
    /// All resources, groups in the server's order, in each the preferred version first.
    public var resources: [DiscoveredResource]
    /// Groups and versions whose server did not answer: an aggregated API that is down.
    public var missing: [GroupVersion]

    /// The resource with that group and plural name, in the version that the server prefers.
    public func resource(_ groupResource: GroupResource) -> DiscoveredResource? {
        resources.first { $0.resource.groupResource == groupResource }
    }

    /// The resource whose objects have that type.
    public func resource(for type: GroupVersionKind) -> DiscoveredResource? {
        resources.first { $0.kind == type.kind && $0.resource.groupVersion == type.groupVersion }
    }
}

extension KubernetesClient {
    /// What the API server serves, in two requests where it can tell all at once (Kubernetes 1.26 and later).
    public func discovery() async throws(KubernetesError) -> APIDiscovery {
        var discovery = APIDiscovery(resources: [], missing: [])
        try await discovery.add(from: "/api", self)
        try await discovery.add(from: "/apis", self)
        return discovery
    }

    /// The version of the API server, such as `v1.34.1`.
    public func serverVersion() async throws(KubernetesError) -> String {
        guard let version = try await json(APICall("/version"))["gitVersion"]?.stringValue else {
            throw .decoding("the answer to /version has no gitVersion")
        }
        return version
    }
}

extension APIDiscovery {
    /// The media types of aggregated discovery, the better first.
    private static let accepted =
        ["v2", "v2beta1"].map { "application/json;g=apidiscovery.k8s.io;v=\($0);as=APIGroupDiscoveryList" }
        .joined(separator: ",") + ",application/json"

    fileprivate mutating func add(from path: String, _ client: KubernetesClient) async throws(KubernetesError)
    {
        var call = APICall(path)
        call.headers[.accept] = Self.accepted
        let answer: JSONValue
        do throws(KubernetesError) {
            answer = try await client.json(call)
        } catch {
            // A server without any group but the core one, or without the core group.
            if error.isNotFound { return }
            throw error
        }
        switch answer["kind"]?.stringValue {
        case "APIGroupDiscoveryList": add(aggregated: answer)
        case "APIVersions":
            for version in (answer["versions"]?.arrayValue ?? []).compactMap(\.stringValue) {
                try await add(GroupVersion(group: "", version: version), client)
            }
        case "APIGroupList":
            for group in answer["groups"]?.arrayValue ?? [] {
                for version in Self.versions(of: group) { try await add(version, client) }
            }
        default: throw .decoding("the answer to \(path) is none of the documents of discovery")
        }
    }

    /// The versions of a group of an `APIGroupList`, the preferred one first.
    private static func versions(of group: JSONValue) -> [GroupVersion] {
        let preferred = group["preferredVersion"]?["groupVersion"]?.stringValue
        var versions = (group["versions"]?.arrayValue ?? []).compactMap { $0["groupVersion"]?.stringValue }
        if let preferred, let place = versions.firstIndex(of: preferred) {
            versions.insert(versions.remove(at: place), at: 0)
        }
        return versions.compactMap { GroupVersion(apiVersion: $0) }
    }

    // MARK: All at once

    private mutating func add(aggregated list: JSONValue) {
        for group in list["items"]?.arrayValue ?? [] {
            let name = group["metadata"]?["name"]?.stringValue ?? ""
            for version in group["versions"]?.arrayValue ?? [] {
                guard let text = version["version"]?.stringValue else { continue }
                let groupVersion = GroupVersion(group: name, version: text)
                if version["freshness"]?.stringValue == "Stale" { missing.append(groupVersion) }
                for resource in version["resources"]?.arrayValue ?? [] {
                    guard let plural = resource["resource"]?.stringValue else { continue }
                    resources.append(
                        DiscoveredResource(
                            resource: GroupVersionResource(group: name, version: text, resource: plural),
                            kind: resource["responseKind"]?["kind"]?.stringValue ?? "",
                            singular: resource["singularResource"]?.stringValue ?? "",
                            shortNames: resource.texts("shortNames"),
                            categories: resource.texts("categories"),
                            isNamespaced: resource["scope"]?.stringValue == "Namespaced",
                            verbs: resource.texts("verbs"),
                            subresources: (resource["subresources"]?.arrayValue ?? []).compactMap {
                                $0["subresource"]?.stringValue
                            }
                        )
                    )
                }
            }
        }
    }

    // MARK: Version by version

    private mutating func add(
        _ groupVersion: GroupVersion,
        _ client: KubernetesClient
    ) async throws(KubernetesError) {
        let list: JSONValue
        do throws(KubernetesError) {
            list = try await client.json(APICall(groupVersion.path))
        } catch {
            // One aggregated API that is down does not hide the others.
            guard case .status(let status) = error, status.code != 401, status.code != 403 else {
                throw error
            }
            missing.append(groupVersion)
            return
        }
        let entries = list["resources"]?.arrayValue ?? []
        let names = entries.compactMap { $0["name"]?.stringValue }
        for entry in entries {
            guard let name = entry["name"]?.stringValue, !name.utf8.contains(0x2F) else { continue }
            resources.append(
                DiscoveredResource(
                    resource: GroupVersionResource(
                        group: groupVersion.group,
                        version: groupVersion.version,
                        resource: name
                    ),
                    kind: entry["kind"]?.stringValue ?? "",
                    singular: entry["singularName"]?.stringValue ?? "",
                    shortNames: entry.texts("shortNames"),
                    categories: entry.texts("categories"),
                    isNamespaced: entry["namespaced"]?.boolValue ?? false,
                    verbs: entry.texts("verbs"),
                    subresources: names.filter { $0.hasPrefix("\(name)/") }.map {
                        String($0.dropFirst(name.count + 1))
                    }
                )
            )
        }
    }
}

extension JSONValue {
    fileprivate func texts(_ key: String) -> [String] {
        (self[key]?.arrayValue ?? []).compactMap(\.stringValue)
    }
}
