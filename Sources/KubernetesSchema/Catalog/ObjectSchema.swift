public import KubernetesModel

/// The schema of a kind of objects.
public struct ObjectSchema: Sendable {
    /// The kind.
    public let type: GroupVersionKind
    /// The name of the type in OpenAPI documents, such as `io.k8s.api.core.v1.Pod`.
    public let name: String
    /// The description of the whole object.
    public let root: SchemaCursor
    /// Whether a custom resource definition made it.
    public let isCustom: Bool

    /// A kind's schema.
    public init(type: GroupVersionKind, name: String, root: SchemaCursor, isCustom: Bool = false) {
        self.type = type
        self.name = name
        self.root = root
        self.isCustom = isCustom
    }
}
