/// How many matching pods there are in each domain of each topology that a pod is to be spread over.
struct SpreadCounts: Sendable {
    private struct Entry: Sendable {
        let constraint: TopologySpread
        let countsItself: Bool
        var counts: [String: Int] = [:]

        func skew(_ domain: String) -> Int {
            let least = counts.count < constraint.minimumDomains ? 0 : counts.values.min() ?? 0
            return (counts[domain] ?? 0) + (countsItself ? 1 : 0) - least
        }
    }

    private let entries: [Entry]

    init(_ pod: PodRequirements, in snapshot: SchedulingSnapshot) {
        entries = pod.spread.map { constraint in
            var entry = Entry(constraint: constraint, countsItself: constraint.matches(pod.labels))
            for node in snapshot.nodes {
                guard let domain = node.labels[constraint.topologyKey] else { continue }
                if constraint.honoursAffinity,
                    !pod.nodeAffinity.allows(name: node.name, labels: node.labels)
                {
                    continue
                }
                if constraint.honoursTaints,
                    node.taints.contains(where: { $0.effect != .preferNoSchedule && !pod.tolerates($0) })
                {
                    continue
                }
                entry.counts[domain, default: 0] +=
                    node.pods.count {
                        $0.key.namespace == pod.key.namespace && !$0.isBeingDeleted
                            && constraint.matches($0.labels)
                    }
            }
            return entry
        }
    }

    func unfit(_ node: NodeState) -> Unfit? {
        for entry in entries where entry.constraint.isRequired {
            guard let domain = node.labels[entry.constraint.topologyKey] else {
                return .never("node(s) didn't match pod topology spread constraints (missing required label)")
            }
            if entry.skew(domain) > entry.constraint.maximumSkew {
                return .crowded("node(s) didn't match pod topology spread constraints")
            }
        }
        return nil
    }

    /// How many matching pods the node's domains have already, over the constraints that are only wishes.
    func crowd(_ node: NodeState) -> Int {
        entries.filter { !$0.constraint.isRequired }.reduce(0) { sum, entry in
            sum + (node.labels[entry.constraint.topologyKey].flatMap { entry.counts[$0] } ?? 0)
        }
    }
}

/// In which domains the pods are that a pod must, or must not, or would like to, be near.
struct NeighbourCounts: Sendable {
    /// A value of a topology's label.
    private struct Domain: Hashable {
        let key: String
        let value: String
    }

    private let pod: PodRequirements
    /// For each required term, how many matching pods each domain has.
    private var attracting: [[Domain: Int]]
    private var repelling: [[Domain: Int]]
    /// Domains that pods which are there already do not share with this one.
    private var forbidden: Set<Domain> = []
    private var wishes: [Domain: Int] = [:]
    private let matchesItself: Bool

    init(_ pod: PodRequirements, in snapshot: SchedulingSnapshot) {
        self.pod = pod
        attracting = pod.affinity.map { _ in [:] }
        repelling = pod.antiAffinity.map { _ in [:] }
        let namespaceLabels = snapshot.labels(ofNamespace:)
        matchesItself = pod.affinity.allSatisfy { $0.matches(pod, namespaceLabels: namespaceLabels) }
        let hasTerms =
            !pod.affinity.isEmpty || !pod.antiAffinity.isEmpty || !pod.preferredAffinity.isEmpty
            || !pod.preferredAntiAffinity.isEmpty
        guard hasTerms || snapshot.hasRepellingPods else { return }
        for node in snapshot.nodes {
            func domain(_ term: PodAffinityTerm) -> Domain? {
                node.labels[term.topologyKey].map { Domain(key: term.topologyKey, value: $0) }
            }
            for other in node.pods {
                for term in other.antiAffinity where term.matches(pod, namespaceLabels: namespaceLabels) {
                    if let domain = domain(term) { forbidden.insert(domain) }
                }
                guard hasTerms else { continue }
                for (index, term) in pod.affinity.enumerated()
                where term.matches(other, namespaceLabels: namespaceLabels) {
                    if let domain = domain(term) { attracting[index][domain, default: 0] += 1 }
                }
                for (index, term) in pod.antiAffinity.enumerated()
                where term.matches(other, namespaceLabels: namespaceLabels) {
                    if let domain = domain(term) { repelling[index][domain, default: 0] += 1 }
                }
                for (sign, terms) in [(1, pod.preferredAffinity), (-1, pod.preferredAntiAffinity)] {
                    for term in terms where term.matches(other, namespaceLabels: namespaceLabels) {
                        if let domain = domain(term) { wishes[domain, default: 0] += sign * term.weight }
                    }
                }
            }
        }
    }

    func unfit(_ node: NodeState) -> Unfit? {
        let domains = pod.affinity.map { term in
            node.labels[term.topologyKey].map { Domain(key: term.topologyKey, value: $0) }
        }
        let isNear = zip(attracting, domains).allSatisfy { counts, domain in
            domain.flatMap { counts[$0] } ?? 0 > 0
        }
        // The first of a group that wants to be together has nobody to be with.
        let isFirst = attracting.allSatisfy(\.isEmpty) && matchesItself && !domains.contains(nil)
        if !isNear, !isFirst { return .never("node(s) didn't match pod affinity rules") }
        for (counts, term) in zip(repelling, pod.antiAffinity) {
            guard let value = node.labels[term.topologyKey] else { continue }
            if counts[Domain(key: term.topologyKey, value: value)] ?? 0 > 0 {
                return .crowded("node(s) didn't match pod anti-affinity rules")
            }
        }
        if forbidden.contains(where: { node.labels[$0.key] == $0.value }) {
            return .crowded("node(s) didn't satisfy existing pods anti-affinity rules")
        }
        return nil
    }

    /// The weights of the wishes that the node fulfils, less those of the wishes that it goes against.
    func preference(_ node: NodeState) -> Int {
        wishes.reduce(0) { node.labels[$1.key.key] == $1.key.value ? $0 + $1.value : $0 }
    }
}
