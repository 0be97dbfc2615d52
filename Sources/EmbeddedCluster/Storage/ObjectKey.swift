public import KubernetesModel

/// Where an object stands among those of its resource.
public struct ObjectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The namespace; empty for a resource without namespaces.
    public let namespace: String
    /// The name.
    public let name: String

    /// A place.
    public init(namespace: String = "", name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// The place of that object.
    public init(_ object: KubernetesObject) {
        self.init(namespace: object.namespace, name: object.name)
    }

    /// `namespace/name`, or the name alone.
    public var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    /// Orders by namespace, then by name, byte for byte: the order in which lists are paged.
    public static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        left.namespace.utf8.elementsEqual(right.namespace.utf8)
            ? left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
            : left.namespace.utf8.lexicographicallyPrecedes(right.namespace.utf8)
    }
}
