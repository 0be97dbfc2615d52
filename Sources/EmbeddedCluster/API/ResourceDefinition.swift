public import KubernetesModel

/// A collection that the API serves in one version: its names, its scope and what it can do.
public struct ResourceDefinition: Sendable, Hashable {
    /// The methods of a collection, as discovery lists them.
    public struct Verbs: OptionSet, Sendable, Hashable {
        /// The bits.
        public let rawValue: Int
        /// A set of methods by its bits.
        public init(rawValue: Int) { self.rawValue = rawValue }

        /// Objects can be made.
        public static let create = Verbs(rawValue: 1)
        /// Objects can be removed, one by one and all at once.
        public static let delete = Verbs(rawValue: 2)
        /// Objects can be read, listed and watched.
        public static let read = Verbs(rawValue: 4)
        /// Objects can be replaced and patched.
        public static let update = Verbs(rawValue: 8)
        /// Everything.
        public static let all: Verbs = [.create, .delete, .read, .update]

        /// Their names, sorted.
        var names: [String] {
            var names: [String] = []
            if contains(.create) { names.append("create") }
            if contains(.delete) { names += ["delete", "deletecollection"] }
            if contains(.read) { names += ["get", "list"] }
            if contains(.update) { names += ["patch", "update"] }
            if contains(.read) { names.append("watch") }
            return names
        }
    }

    /// The group, such as `apps`.
    public var group: String
    /// The version, such as `v1`.
    public var version: String
    /// The plural name in paths, such as `deployments`.
    public var plural: String
    /// The name of one, such as `deployment`.
    public var singular: String
    /// The kind of its objects.
    public var kind: String
    /// The kind of its lists.
    public var listKind: String
    /// Names for the command line, such as `deploy`.
    public var shortNames: [String] = []
    /// Groups for the command line, such as `all`.
    public var categories: [String] = []
    /// Whether its objects are in namespaces.
    public var isNamespaced: Bool
    /// What can be done with its objects.
    public var verbs: Verbs = .all
    /// Subresources such as `status` and `scale`.
    public var subresources: [String] = []
    /// Whether a custom resource definition made it.
    public var isCustom = false

    /// The collection, whatever its version: what objects are stored under.
    public var groupResource: GroupResource { GroupResource(group: group, resource: plural) }
    /// The group and the version.
    public var groupVersion: GroupVersion { GroupVersion(group: group, version: version) }
    /// The type of its objects.
    public var objectType: GroupVersionKind {
        GroupVersionKind(group: group, version: version, kind: kind)
    }
    /// Whether objects have a status that is written apart.
    public var hasStatus: Bool { subresources.contains("status") }
}
