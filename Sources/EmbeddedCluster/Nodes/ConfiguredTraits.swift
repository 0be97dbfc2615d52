import JSON
import KubernetesModel

/// The labels and taints that a simulated node has because its specification says so, as opposed to those that users set.
///
/// The node remembers in an annotation which they are, so that after a change of the specification those go that it no longer
/// has, and nobody else's.
struct ConfiguredTraits {
    private static let annotation = "ingot.dev/configured"

    private let labels: [(key: String, value: String)]
    private let taints: [Taint]

    init(_ name: String, _ specification: NodeSpecification) {
        labels = NodeObject.labels(name, specification)
        taints = specification.taints.compactMap { taint in
            Taint.Effect(rawValue: taint.effect).map { Taint(taint.key, taint.value, $0) }
        }
    }

    /// Puts these in the place of those that the node has from its specification of before.
    func replace(in node: inout KubernetesObject) {
        let before = (node.annotation(Self.annotation)).flatMap { try? JSONValue(parsing: $0) }
        for key in before?["labels"]?.arrayValue?.compactMap(\.stringValue) ?? [] { node.setLabel(key, nil) }
        for (key, value) in labels { node.setLabel(key, value) }

        let own = Set((before?["taints"]?.arrayValue ?? []).compactMap(\.stringValue) + taints.map(Self.name))
        let others = (node.spec["taints"]?.arrayValue ?? []).filter { json in
            Taint(json: json).map { !own.contains(Self.name($0)) } ?? true
        }
        let all = others + taints.map(\.json)
        node.json[at: "spec", "taints"] = all.isEmpty ? nil : .array(all)

        let configured: JSONValue = [
            "labels": .array(labels.map { .string($0.key) }),
            "taints": .array(taints.map { .string(Self.name($0)) }),
        ]
        node.setAnnotation(Self.annotation, configured.description)
    }

    /// Key and effect, by which a node has a taint once.
    private static func name(_ taint: Taint) -> String { "\(taint.key):\(taint.effect.rawValue)" }
}
