public import Capacity
public import Kubernetes
import Synchronization

/// The cluster's accelerators and what pods have been given of them, as of the newest change that a watch has told.
public final class ClusterInventory: Sendable {
    private let working = Mutex(GPUInventory())
    private let published = Mutex(GPUInventory())

    /// An inventory that knows nothing yet.
    public init() {}

    /// The inventory now. It does not change after.
    public var snapshot: GPUInventory { published.withLock(\.self) }

    /// Takes up changes of nodes.
    public func nodesChanged(_ changes: [CacheChange<NodeProjection>]) {
        update(changes) { change, inventory in
            if let new = change.new {
                inventory.update(NodeFacts(new))
            } else if let old = change.old {
                inventory.remove(node: old.metadata.name)
            }
        }
    }

    /// Takes up changes of pods.
    public func podsChanged(_ changes: [CacheChange<PodProjection>]) {
        update(changes) { change, inventory in
            inventory.replace(pod: change.old.map(PodFacts.init), with: change.new.map(PodFacts.init))
        }
    }

    /// As many changes as are taken up before another writer has its turn.
    private static let portion = 1000

    private func update<Change>(_ changes: [Change], _ apply: (Change, inout GPUInventory) -> Void) {
        var rest = changes[...]
        while !rest.isEmpty {
            working.withLock { inventory in
                for change in rest.prefix(Self.portion) { apply(change, &inventory) }
                // Inside, so that an older state never follows a newer one. Readers wait for an assignment at most.
                let next = inventory
                published.withLock { $0 = next }
            }
            rest = rest.dropFirst(Self.portion)
        }
    }
}
