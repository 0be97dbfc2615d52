import ControlPlane
import JSON
import Kubernetes
import Synchronization

/// The list of nodes as it was written last. A large cluster's is long, it is asked for more often than nodes change, and most of
/// their changes do not show in it: only what differs is written anew.
final class KeptNodeList: Sendable {
    /// The list for one answer.
    struct Answer: Sendable {
        /// The JSON.
        var json: [UInt8] = []
        /// The entity tag. Another list has another tag, that of another process too.
        var entityTag = ""
    }

    private struct Kept {
        /// The snapshot that the list was last compared with; 0 for none.
        var revision: UInt64 = 0
        /// The nodes in the snapshot's order.
        var nodes: [NodeProjection] = []
        /// Where in `texts` each of them is.
        var places: [Int] = []
        /// The nodes by name.
        var texts: [NodeText] = []
        var answer = Answer()
    }

    private let kept = Mutex(Kept())
    /// Tells tags from those of a process before this one.
    private let origin = String(UInt64.random(in: 0 ... .max), radix: 36)

    /// The list of the nodes in a snapshot, or in a later one that somebody has asked for meanwhile.
    func answer(_ snapshot: CacheSnapshot<NodeProjection>) -> Answer {
        // The work is done inside the lock: who waits for it would have the same to do.
        kept.withLock { kept in
            guard kept.answer.json.isEmpty || kept.revision < snapshot.revision else { return kept.answer }
            if Self.follow(&kept, snapshot) {
                kept.answer = Answer(
                    json: NodeList(nodes: kept.texts.filter { !$0.json.isEmpty }).encoded(),
                    entityTag: "\"\(origin)-\(snapshot.revision)\""
                )
            }
            kept.revision = snapshot.revision
            return kept.answer
        }
    }

    /// Takes over what a snapshot has otherwise; returns whether the list is another one.
    private static func follow(_ kept: inout Kept, _ snapshot: CacheSnapshot<NodeProjection>) -> Bool {
        guard !kept.answer.json.isEmpty, kept.nodes.count == snapshot.count else {
            arrange(&kept, snapshot)
            return true
        }
        var hasChanged = false
        // As long as the same nodes are there, they come in the same order; where they do not, they are arranged anew.
        for (index, node) in snapshot.objects.enumerated() where kept.nodes[index] !== node {
            guard kept.nodes[index].metadata.name == node.metadata.name else {
                arrange(&kept, snapshot)
                return true
            }
            kept.nodes[index] = node
            let text = NodeText(node)
            if kept.texts[kept.places[index]] != text {
                kept.texts[kept.places[index]] = text
                hasChanged = true
            }
        }
        return hasChanged
    }

    private static func arrange(_ kept: inout Kept, _ snapshot: CacheSnapshot<NodeProjection>) {
        kept.nodes = Array(snapshot.objects)
        let order = kept.nodes.indices.sorted { kept.nodes[$0].metadata.name < kept.nodes[$1].metadata.name }
        kept.places = Array(repeating: 0, count: order.count)
        for (place, index) in order.enumerated() { kept.places[index] = place }
        kept.texts = order.map { NodeText(kept.nodes[$0]) }
    }
}

/// A node in a list, as it is written.
struct NodeText: JSONEncodable, Equatable {
    /// The JSON; empty for a node that is left out.
    let json: [UInt8]

    static var jsonSchema: JSONSchema { ClusterNode.jsonSchema }

    init(_ node: NodeProjection) {
        guard let node = NodeSummary(node) else {
            json = []
            return
        }
        var writer = JSONWriter()
        // The keys and a number; a name seldom has anything to escape.
        writer.reserve(node.name.utf8.count + 64)
        ClusterNode(node: node).encode(to: &writer)
        json = writer.take()
    }

    func encode(to writer: inout JSONWriter) { writer.raw(json) }
}
