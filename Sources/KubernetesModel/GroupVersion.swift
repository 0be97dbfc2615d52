/// An API group and one of its versions, such as `apps/v1`; the core group has an empty name.
public struct GroupVersion: Sendable, Hashable, CustomStringConvertible {
    /// The group, such as `apps`; empty for the core group.
    public let group: String
    /// The version, such as `v1`.
    public let version: String

    /// A group and a version.
    public init(group: String, version: String) {
        self.group = group
        self.version = version
    }

    /// Reads an object's `apiVersion`: `v1` or `apps/v1`. Nil when there is more than one slash or a part is missing.
    public init?(apiVersion: String) {
        let parts = apiVersion.split(separator: "/", omittingEmptySubsequences: false)
        guard !apiVersion.isEmpty, parts.allSatisfy({ !$0.isEmpty }), parts.count <= 2, let last = parts.last
        else { return nil }
        self.init(group: parts.count == 2 ? String(parts[0]) : "", version: String(last))
    }

    /// The text of an object's `apiVersion`.
    public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    /// Where its resources are served: `/api/v1` or `/apis/apps/v1`.
    public var path: String { group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)" }

    /// The text of an object's `apiVersion`.
    public var description: String { apiVersion }
}

/// The type of an object, such as `apps/v1, Kind=Deployment`.
public struct GroupVersionKind: Sendable, Hashable, CustomStringConvertible {
    /// The group, such as `apps`; empty for the core group.
    public let group: String
    /// The version, such as `v1`.
    public let version: String
    /// The kind, such as `Deployment`.
    public let kind: String

    /// The type of an object.
    public init(group: String = "", version: String, kind: String) {
        self.group = group
        self.version = version
        self.kind = kind
    }

    /// The group and the version.
    public var groupVersion: GroupVersion { GroupVersion(group: group, version: version) }
    /// The text of an object's `apiVersion`.
    public var apiVersion: String { groupVersion.apiVersion }
    /// As Kubernetes writes it in messages: `apps/v1, Kind=Deployment`.
    public var description: String { "\(apiVersion), Kind=\(kind)" }
}

/// A collection of objects that the API serves, such as `deployments` of `apps/v1`.
public struct GroupVersionResource: Sendable, Hashable, CustomStringConvertible {
    /// The group, such as `apps`; empty for the core group.
    public let group: String
    /// The version, such as `v1`.
    public let version: String
    /// The plural name in paths, such as `deployments`.
    public let resource: String

    /// A collection.
    public init(group: String = "", version: String, resource: String) {
        self.group = group
        self.version = version
        self.resource = resource
    }

    /// The group and the version.
    public var groupVersion: GroupVersion { GroupVersion(group: group, version: version) }
    /// The collection without its version, which is the same in every version.
    public var groupResource: GroupResource { GroupResource(group: group, resource: resource) }
    /// As Kubernetes writes it in messages: `apps/v1, Resource=deployments`.
    public var description: String { "\(groupVersion.apiVersion), Resource=\(resource)" }
}

/// A collection of objects whatever version they are read in, such as `deployments.apps`.
public struct GroupResource: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The group, such as `apps`; empty for the core group.
    public let group: String
    /// The plural name in paths, such as `deployments`.
    public let resource: String

    /// A collection.
    public init(group: String = "", resource: String) {
        self.group = group
        self.resource = resource
    }

    /// As Kubernetes writes it in messages: `pods`, `deployments.apps`.
    public var description: String { group.isEmpty ? resource : "\(resource).\(group)" }

    /// Orders by group, then by name.
    public static func < (left: GroupResource, right: GroupResource) -> Bool {
        (left.group, left.resource) < (right.group, right.resource)
    }
}
