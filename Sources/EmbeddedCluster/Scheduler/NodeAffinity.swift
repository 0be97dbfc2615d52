import JSON
import KubernetesModel

/// Which nodes a pod wants, by their labels and names (core/v1 NodeSelector and `nodeSelector`).
struct NodeAffinity: Sendable {
    /// Conditions that must all hold. One without conditions holds for no node.
    struct Term: Sendable {
        let labels: [LabelSelector.Requirement]
        let names: [LabelSelector.Requirement]

        /// Nil for a term that is malformed, which matches nothing.
        init?(json: JSONValue) {
            do throws(LabelSelector.Invalid) {
                labels = try Self.requirements(json["matchExpressions"])
                names = try Self.requirements(json["matchFields"])
            } catch {
                return nil
            }
            if labels.isEmpty, names.isEmpty { return nil }
        }

        private static func requirements(
            _ json: JSONValue?
        ) throws(LabelSelector.Invalid) -> [LabelSelector.Requirement] {
            var requirements: [LabelSelector.Requirement] = []
            for expression in json?.arrayValue ?? [] {
                requirements.append(try LabelSelector.Requirement(expression: expression))
            }
            return requirements
        }

        func matches(name: String, labels values: [String: String]) -> Bool {
            labels.allSatisfy { $0.matches { values[$0] } }
                && names.allSatisfy { $0.matches { $0 == "metadata.name" ? name : nil } }
        }
    }

    private let selector: [String: String]
    /// One of these must hold; nil for no such demand.
    private let required: [Term]?
    private let preferred: [(weight: Int, term: Term)]

    init(podSpecification spec: JSONValue) {
        var selector: [String: String] = [:]
        for member in spec["nodeSelector"]?.objectValue ?? JSONMembers() {
            selector[member.key] = member.value.stringValue
        }
        self.selector = selector
        let affinity = spec["affinity"]?["nodeAffinity"]
        required = affinity?["requiredDuringSchedulingIgnoredDuringExecution"]?["nodeSelectorTerms"]?
            .arrayValue?.compactMap(Term.init(json:))
        preferred =
            (affinity?["preferredDuringSchedulingIgnoredDuringExecution"]?.arrayValue ?? []).compactMap {
                guard let weight = $0["weight"]?.integerValue,
                    let term = $0["preference"].flatMap(Term.init(json:))
                else { return nil }
                return (Int(clamping: weight), term)
            }
    }

    /// Whether the pod may run there.
    func allows(name: String, labels: [String: String]) -> Bool {
        selector.allSatisfy { labels[$0.key] == $0.value }
            && (required?.contains { $0.matches(name: name, labels: labels) } ?? true)
    }

    /// The weights of the preferences that hold there.
    func preference(name: String, labels: [String: String]) -> Int {
        preferred.reduce(0) {
            $1.term.matches(name: name, labels: labels) ? $0 + $1.weight : $0
        }
    }
}
