import ControlPlane
import JSON
import Kubernetes
import Synchronization

/// The list of nodes as it was written last. A large cluster's is long, it is asked for more often than nodes change, and most of
/// their changes do not show in it: only what differs is written anew.
final class KeptNodeList: Sendable {
    private struct Kept {
        /// The snapshot that the list was last compared with; 0 for none.
        var revision: UInt64 = 0
        /// The nodes in the snapshot's order.
        var nodes: [NodeProjection] = []
        /// What was written of each of them.
        var texts = KeptTexts<NodeText>()
        var answer = KeptAnswer()
    }

    private let kept = Mutex(Kept())
    /// Tells tags from those of a process before this one.
    private let origin = String(UInt64.random(in: 0 ... .max), radix: 36)

    /// The list of the nodes in a snapshot, or in a later one that somebody has asked for meanwhile.
    func answer(_ snapshot: CacheSnapshot<NodeProjection>) -> KeptAnswer {
        // The work is done inside the lock: who waits for it would have the same to do.
        kept.withLock { kept in
            guard kept.answer.json.isEmpty || kept.revision < snapshot.revision else { return kept.answer }
            if Self.follow(&kept, snapshot) {
                kept.answer = KeptAnswer(
                    json: NodeList(nodes: kept.texts.byName.filter { !$0.json.isEmpty }).encoded(),
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
            if kept.texts[index] != text {
                kept.texts[index] = text
                hasChanged = true
            }
        }
        return hasChanged
    }

    private static func arrange(_ kept: inout Kept, _ snapshot: CacheSnapshot<NodeProjection>) {
        kept.nodes = Array(snapshot.objects)
        let nodes = kept.nodes
        kept.texts = KeptTexts(names: nodes.map { $0.metadata.name }) { NodeText(nodes[$0]) }
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
