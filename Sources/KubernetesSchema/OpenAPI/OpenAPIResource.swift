public import KubernetesModel

/// A collection of objects as an OpenAPI document tells of it.
public struct OpenAPIResource: Sendable {
    /// What can be done.
    public struct Actions: OptionSet, Sendable, Hashable {
        /// The bits.
        public let rawValue: Int
        /// A set by its bits.
        public init(rawValue: Int) { self.rawValue = rawValue }

        /// Objects are made.
        public static let create = Actions(rawValue: 1)
        /// Objects are read, listed and watched.
        public static let read = Actions(rawValue: 2)
        /// Objects are replaced and patched.
        public static let update = Actions(rawValue: 4)
        /// Objects are removed.
        public static let delete = Actions(rawValue: 8)
        /// All of it.
        public static let all: Actions = [.create, .read, .update, .delete]
    }

    /// A part of an object with a path of its own.
    public struct Subresource: Sendable {
        /// The last part of the path, such as `status`.
        public let name: String
        /// The type of what is sent and answered.
        public let type: GroupVersionKind
        /// What can be done with it.
        public let actions: Actions

        /// A part of an object.
        public init(name: String, type: GroupVersionKind, actions: Actions) {
            self.name = name
            self.type = type
            self.actions = actions
        }
    }

    /// The name in paths, such as `deployments`.
    public let plural: String
    /// The schema of its objects.
    public let schema: ObjectSchema
    /// Whether its objects are in namespaces.
    public let isNamespaced: Bool
    /// What can be done with its objects.
    public let actions: Actions
    /// The parts with paths of their own.
    public let subresources: [Subresource]

    /// A collection.
    public init(
        plural: String,
        schema: ObjectSchema,
        isNamespaced: Bool,
        actions: Actions = .all,
        subresources: [Subresource] = []
    ) {
        self.plural = plural
        self.schema = schema
        self.isNamespaced = isNamespaced
        self.actions = actions
        self.subresources = subresources
    }
}
