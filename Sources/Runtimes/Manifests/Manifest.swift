public import JSON
public import KubernetesModel

/// An object as it is to be made.
public struct Manifest: Sendable, Hashable {
    /// The collection that it goes to.
    public let resource: GroupVersionResource
    /// The object.
    public let object: JSONValue

    /// The object of a collection.
    public init(_ resource: GroupVersionResource, _ object: JSONValue) {
        self.resource = resource
        self.object = object
    }
}

/// A kind of object that stands for deployments.
public struct ManifestType: Sendable, Hashable {
    /// The collection.
    public let resource: GroupVersionResource
    /// The kind.
    public let kind: String

    /// A kind.
    public init(_ group: String, _ version: String, _ resource: String, kind: String) {
        self.resource = GroupVersionResource(group: group, version: version, resource: resource)
        self.kind = kind
    }

    /// The collection, whatever its version.
    public var groupResource: GroupResource {
        GroupResource(group: resource.group, resource: resource.resource)
    }

    /// The text of an object's `apiVersion`.
    public var apiVersion: String { resource.groupVersion.apiVersion }

    /// An object of the kind.
    ///
    /// - Parameter members: what it has beside `apiVersion`, `kind` and `metadata`.
    func manifest(metadata: JSONValue, _ members: JSONValue) -> Manifest {
        var object: JSONValue = [
            "apiVersion": .string(apiVersion), "kind": .string(kind), "metadata": metadata,
        ]
        for member in members.objectValue ?? JSONMembers() { object[member.key] = member.value }
        return Manifest(resource, object)
    }

    /// apps/v1 Deployment.
    public static let deployment = ManifestType("apps", "v1", "deployments", kind: "Deployment")
    /// v1 Service.
    static let service = ManifestType("", "v1", "services", kind: "Service")
    /// v1 ConfigMap.
    static let configMap = ManifestType("", "v1", "configmaps", kind: "ConfigMap")
}
