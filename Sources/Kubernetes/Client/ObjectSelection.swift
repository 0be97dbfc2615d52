public import KubernetesModel

/// Which objects of a resource a list or a watch is about.
public struct ObjectSelection: Sendable, Hashable {
    /// By their labels.
    public var labels: LabelSelector
    /// By their fields; each resource knows a few.
    public var fields: FieldSelector

    /// A selection; without selectors, all objects.
    public init(labels: LabelSelector = .everything, fields: FieldSelector = .everything) {
        self.labels = labels
        self.fields = fields
    }

    /// All objects.
    public static let everything = ObjectSelection()
}

extension APICall {
    mutating func add(_ selection: ObjectSelection) {
        if !selection.labels.requirements.isEmpty { add("labelSelector", selection.labels.description) }
        if !selection.fields.requirements.isEmpty { add("fieldSelector", selection.fields.description) }
    }
}
