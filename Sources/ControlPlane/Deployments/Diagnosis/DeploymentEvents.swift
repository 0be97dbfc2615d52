import Kubernetes
import Runtimes

/// Finds the events that are about a deployment: its object, what that has made, its pods, their nodes and its volume.
struct DeploymentEvents {
    private let cluster: ClusterAccess

    init(_ cluster: ClusterAccess) {
        self.cluster = cluster
    }

    func events(of record: DeploymentRecord) -> [ClusterEvent] {
        guard let caches = cluster.caches else { return [] }
        let reading = record.reading
        let pods = Set(record.pods.map(\.name))
        let nodes = Set(record.pods.map(\.node)).subtracting([""])
        let claim = reading.spec?.modelCache?.claim
        let others = Self.namesWithin(reading, cluster.deployments.snapshot)
        return caches.events.objects.compactMap { event in
            let isOurs =
                switch event.involvedKind {
                case "Pod":
                    event.metadata.namespace == reading.namespace && pods.contains(event.involvedName)
                        && isAboutPresent(event)
                case "Node": nodes.contains(event.involvedName)
                case "PersistentVolumeClaim":
                    event.metadata.namespace == reading.namespace && event.involvedName == claim
                default:
                    event.metadata.namespace == reading.namespace
                        && (event.involvedUID == reading.uid
                            || Self.isName(event.involvedName, of: reading.name, others))
                }
            return isOurs ? ClusterEvent(event) : nil
        }
    }

    /// Whether the pod that an event is about is the one of that name that there is now: those of a stateful set take the names of
    /// those before them.
    private func isAboutPresent(_ event: EventProjection) -> Bool {
        let pod = cluster.pod(event.metadata.namespace, event.involvedName)
        guard let uid = pod?.metadata.uid, !uid.isEmpty, !event.involvedUID.isEmpty else { return true }
        return uid == event.involvedUID
    }

    /// Deployments whose names begin with that one's: what is named after them is theirs.
    private static func namesWithin(
        _ reading: DeploymentReading,
        _ snapshot: DeploymentSnapshot
    ) -> [String] {
        snapshot.newestFirst.map(\.reading)
            .filter { $0.namespace == reading.namespace && $0.name.hasPrefix(reading.name + "-") }
            .map(\.name)
    }

    /// Whether an object has a name that is made from a deployment's, as those of sets of pods are.
    private static func isName(_ name: String, of deployment: String, _ others: [String]) -> Bool {
        guard name == deployment || name.hasPrefix(deployment + "-") else { return false }
        return !others.contains { name == $0 || name.hasPrefix($0 + "-") }
    }
}

extension ClusterEvent {
    init(_ event: EventProjection) {
        self.init(
            event.reason,
            event.message,
            isWarning: event.type == "Warning",
            kind: event.involvedKind,
            name: event.involvedName,
            count: Int(clamping: event.count),
            last: event.last
        )
    }
}
