import JSON
public import Runtimes

/// All deployments as they were at one moment. A copy costs nothing and never changes.
public struct DeploymentSnapshot: Sendable {
    /// What the order goes by.
    private struct Rank {
        let created: Timestamp?
        let key: DeploymentKey

        init(_ record: DeploymentRecord) {
            created = record.reading.created
            key = record.key
        }

        func isBefore(_ other: Rank) -> Bool {
            guard created == other.created else {
                guard let created else { return false }
                guard let otherCreated = other.created else { return true }
                return created > otherCreated
            }
            return key < other.key
        }
    }

    /// The deployments, newest first; those of one second by key.
    public private(set) var newestFirst: [DeploymentRecord] = []
    /// The number of the newest change.
    public internal(set) var revision: UInt64 = 0
    /// Where those of a name are. It is the same until a deployment comes or goes, as are the counts.
    private var ranks: [String: [Rank]] = [:]
    /// How many a runtime has in a namespace.
    private var counts: [String: [RuntimeID: Int]] = [:]

    // MARK: Finding

    /// Those with that name, of whatever namespace and runtime, newest first.
    public func named(_ name: String, namespace: String? = nil) -> [DeploymentRecord] {
        (ranks[name] ?? []).filter { namespace == nil || $0.key.namespace == namespace }
            .sorted { $0.isBefore($1) }
            .map { newestFirst[place(of: $0)] }
    }

    /// The runtimes that have deployments in a namespace; nil for all namespaces.
    public func runtimes(in namespace: String?) -> Set<RuntimeID> {
        if let namespace { return Set(counts[namespace, default: [:]].keys) }
        return counts.values.reduce(into: []) { $0.formUnion($1.keys) }
    }

    // MARK: Changing

    /// Takes a deployment up that is not among them.
    mutating func insert(_ record: DeploymentRecord) {
        let rank = Rank(record)
        newestFirst.insert(record, at: place(of: rank))
        ranks[record.reading.name, default: []].append(rank)
        counts[record.reading.namespace, default: [:]][record.reading.runtime, default: 0] += 1
    }

    /// Removes one that is among them.
    mutating func remove(_ record: DeploymentRecord) {
        let reading = record.reading
        newestFirst.remove(at: place(of: Rank(record)))
        ranks[reading.name]?.removeAll { $0.key == record.key }
        if ranks[reading.name]?.isEmpty == true { ranks[reading.name] = nil }
        counts[reading.namespace]?[reading.runtime, default: 0] -= 1
        if counts[reading.namespace]?[reading.runtime] == 0 {
            counts[reading.namespace]?[reading.runtime] = nil
        }
        if counts[reading.namespace]?.isEmpty == true { counts[reading.namespace] = nil }
    }

    /// Takes a deployment up in the place of what it was.
    mutating func replace(_ old: DeploymentRecord, with record: DeploymentRecord) {
        if old.reading.created == record.reading.created {
            newestFirst[place(of: Rank(old))] = record
        } else {
            // One of the same name that was made later takes another place.
            remove(old)
            insert(record)
        }
    }

    /// Where a deployment is among them, or would be.
    private func place(of rank: Rank) -> Int {
        var (low, high) = (0, newestFirst.count)
        while low < high {
            let middle = (low + high) / 2
            if Rank(newestFirst[middle]).isBefore(rank) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
