import JSON
import KubernetesModel

/// Near which other pods a pod wants to be, or away from which (core/v1 PodAffinityTerm).
struct PodAffinityTerm: Sendable {
    /// The label whose equal values make nodes near each other.
    let topologyKey: String
    let weight: Int
    private let selector: LabelSelector?
    private let namespaces: Set<String>
    private let namespaceSelector: LabelSelector?

    /// Nil for a term that is malformed.
    init?(json: JSONValue, of pod: KubernetesObject, weight: Int = 1) {
        guard let topologyKey = json["topologyKey"]?.stringValue, !topologyKey.isEmpty else { return nil }
        self.topologyKey = topologyKey
        self.weight = weight
        do throws(LabelSelector.Invalid) {
            var requirements: [LabelSelector.Requirement] = []
            if let selector = json["labelSelector"] {
                requirements = try LabelSelector(object: selector).requirements
            }
            requirements += Self.labels(json["matchLabelKeys"], of: pod).map { .isIn($0.key, [$0.value]) }
            requirements += Self.labels(json["mismatchLabelKeys"], of: pod).map {
                .isNotIn($0.key, [$0.value])
            }
            selector = json["labelSelector"] == nil ? nil : LabelSelector(requirements)
            namespaceSelector = try json["namespaceSelector"].map {
                (selector) throws(LabelSelector.Invalid) in
                try LabelSelector(object: selector)
            }
        } catch {
            return nil
        }
        let named = (json["namespaces"]?.arrayValue ?? []).compactMap(\.stringValue)
        namespaces = named.isEmpty && namespaceSelector == nil ? [pod.namespace] : Set(named)
    }

    private static func labels(
        _ keys: JSONValue?,
        of pod: KubernetesObject
    ) -> [(key: String, value: String)] {
        (keys?.arrayValue ?? []).compactMap { key in
            guard let key = key.stringValue, let value = pod.label(key) else { return nil }
            return (key, value)
        }
    }

    /// Whether another pod is one that the term is about. A term without a selector is about none.
    func matches(_ other: PodRequirements, namespaceLabels: (String) -> [String: String]) -> Bool {
        guard let selector, selector.matches(other.labels) else { return false }
        return namespaces.contains(other.key.namespace)
            || (namespaceSelector?.matches(namespaceLabels(other.key.namespace)) ?? false)
    }

    /// The terms at `spec.affinity.KIND`: the demands, and the wishes with their weights.
    static func terms(
        of pod: KubernetesObject,
        _ kind: String
    ) -> (required: [PodAffinityTerm], preferred: [PodAffinityTerm]) {
        let affinity = pod.spec["affinity"]?[kind]
        let required = affinity?["requiredDuringSchedulingIgnoredDuringExecution"]?.arrayValue ?? []
        let preferred = affinity?["preferredDuringSchedulingIgnoredDuringExecution"]?.arrayValue ?? []
        return (
            required.compactMap { PodAffinityTerm(json: $0, of: pod) },
            preferred.compactMap { wish in
                wish["podAffinityTerm"].flatMap {
                    PodAffinityTerm(
                        json: $0,
                        of: pod,
                        weight: Int(clamping: wish["weight"]?.integerValue ?? 1)
                    )
                }
            }
        )
    }
}

/// How evenly pods are to be spread (core/v1 TopologySpreadConstraint).
struct TopologySpread: Sendable {
    let topologyKey: String
    let maximumSkew: Int
    let minimumDomains: Int
    let isRequired: Bool
    /// Whether only nodes that the pod's node affinity allows count.
    let honoursAffinity: Bool
    /// Whether nodes whose taints the pod does not tolerate are left out.
    let honoursTaints: Bool
    private let selector: LabelSelector?

    init?(json: JSONValue, of pod: KubernetesObject) {
        guard let topologyKey = json["topologyKey"]?.stringValue, !topologyKey.isEmpty else { return nil }
        self.topologyKey = topologyKey
        maximumSkew = max(1, Int(clamping: json["maxSkew"]?.integerValue ?? 1))
        minimumDomains = max(1, Int(clamping: json["minDomains"]?.integerValue ?? 1))
        isRequired = json["whenUnsatisfiable"]?.stringValue != "ScheduleAnyway"
        honoursAffinity = json["nodeAffinityPolicy"]?.stringValue != "Ignore"
        honoursTaints = json["nodeTaintsPolicy"]?.stringValue == "Honor"
        guard let object = json["labelSelector"] else {
            selector = nil
            return
        }
        var requirements = (try? LabelSelector(object: object))?.requirements ?? []
        for key in (json["matchLabelKeys"]?.arrayValue ?? []).compactMap(\.stringValue) {
            if let value = pod.label(key) { requirements.append(.isIn(key, [value])) }
        }
        selector = LabelSelector(requirements)
    }

    /// Whether a pod of the same namespace is one of those to be spread.
    func matches(_ labels: [String: String]) -> Bool { selector?.matches(labels) ?? false }
}
