import Runtimes
import Synchronization

/// A pod whose log may soon not be readable any more.
struct EndangeredPod: Sendable {
    let key: DeploymentKey
    let pod: ServingPod
    /// Whether it is being deleted; otherwise it has failed.
    let isGoing: Bool
}

/// Finds in the changes of deployments the pods that fail or go, each once.
struct EndangeredPods {
    /// The managed deployments as they were known last.
    private var known: [DeploymentKey: DeploymentRecord] = [:]
    /// What was told already: whether the pod was going, by deployment and pod.
    private var told: [DeploymentKey: [String: Bool]] = [:]
    private var revision: UInt64 = 0

    /// - Parameter snapshot: the deployments to begin with.
    init(_ snapshot: DeploymentSnapshot) {
        revision = snapshot.revision
        for record in snapshot.newestFirst where record.reading.isManaged { known[record.key] = record }
    }

    /// The pods that have come to fail or go since the last time.
    mutating func take(_ deployments: DeploymentIndex) -> [EndangeredPod] {
        var found: [EndangeredPod] = []
        switch deployments.changes.changes(after: revision) {
        case .changes(let changes):
            for change in changes {
                revision = change.revision
                note(change.key, change.record, &found)
            }
        case .tooOld:
            let snapshot = deployments.snapshot
            revision = snapshot.revision
            let records = Dictionary(snapshot.newestFirst.map { ($0.key, $0) }) { first, _ in first }
            for key in Set(known.keys).union(records.keys) { note(key, records[key], &found) }
        }
        return found
    }

    private mutating func note(
        _ key: DeploymentKey,
        _ record: DeploymentRecord?,
        _ found: inout [EndangeredPod]
    ) {
        let old = known[key]
        guard let record, record.reading.isManaged else {
            // Its pods go with it, but will not be told of any more.
            for pod in old?.pods ?? [] { tell(key, pod, isGoing: true, &found) }
            known[key] = nil
            told[key] = nil
            return
        }
        known[key] = record
        for pod in old?.pods ?? [] where !record.pods.contains(where: { $0.name == pod.name }) {
            tell(key, pod, isGoing: true, &found)
            told[key]?[pod.name] = nil
        }
        for pod in record.pods {
            if pod.isBeingDeleted || record.reading.isBeingDeleted {
                tell(key, pod, isGoing: true, &found)
            } else if pod.phase == "Failed" {
                tell(key, pod, isGoing: false, &found)
            } else if told[key] != nil {
                // One of the same name in its place.
                told[key]?[pod.name] = nil
            }
        }
    }

    private mutating func tell(
        _ key: DeploymentKey,
        _ pod: ServingPod,
        isGoing: Bool,
        _ found: inout [EndangeredPod]
    ) {
        let before = told[key]?[pod.name]
        guard before == nil || (isGoing && before == false) else { return }
        told[key, default: [:]][pod.name] = isGoing
        found.append(EndangeredPod(key: key, pod: pod, isGoing: isGoing))
    }
}

/// A number of places that may be taken.
final class Slots: Sendable {
    private let free: Mutex<Int>

    init(_ count: Int) {
        free = Mutex(count)
    }

    /// Takes one; returns whether there was one.
    func take() -> Bool {
        free.withLock { free in
            guard free > 0 else { return false }
            free -= 1
            return true
        }
    }

    func giveBack() {
        free.withLock { $0 += 1 }
    }
}
