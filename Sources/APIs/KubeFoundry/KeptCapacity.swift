import Capacity
import JSON
import Synchronization

/// The answer on GPU capacity as it was written last: pods come and go many times a second, and of the nodes only those whose
/// numbers differ are written anew.
final class KeptCapacity: Sendable {
    private struct Kept {
        /// The inventory's revision that the answer is of.
        var revision: UInt64?
        /// The nodes in the inventory's order.
        var nodes: [NodeInventory] = []
        /// What each of them adds to the totals.
        var parts: [GPUTotals.Part] = []
        /// What was written of each of them.
        var texts = KeptTexts<GPUNodeText>()
        var answer = KeptAnswer()
    }

    private let kept = Mutex(Kept())
    /// Tells tags from those of a process before this one.
    private let origin = String(UInt64.random(in: 0 ... .max), radix: 36)

    /// The answer of an inventory, or of a later one that somebody has asked for meanwhile.
    func answer(_ inventory: GPUInventory) -> KeptAnswer {
        // The work is done inside the lock: who waits for it would have the same to do.
        kept.withLock { kept in
            if let revision = kept.revision, revision >= inventory.revision { return kept.answer }
            Self.follow(&kept, inventory)
            let capacity = GPUCapacity(
                totals: GPUTotals(inventory, kept.parts),
                nodes: kept.texts.byName.filter { !$0.json.isEmpty }
            )
            var writer = JSONWriter()
            // The next answer is about as long as the last one.
            writer.reserve(kept.answer.json.count + 1024)
            capacity.encode(to: &writer)
            let json = writer.take()
            if json != kept.answer.json {
                kept.answer = KeptAnswer(json: json, entityTag: "\"\(origin)-\(inventory.revision)\"")
            }
            kept.revision = inventory.revision
            return kept.answer
        }
    }

    private static func follow(_ kept: inout Kept, _ inventory: GPUInventory) {
        var index = 0
        // As long as the same nodes are there, they come in the same order; where they do not, they are arranged anew.
        for node in inventory.nodes {
            guard index < kept.nodes.count else { return arrange(&kept, inventory) }
            // A node that has changed is another object.
            if kept.nodes[index] !== node {
                guard kept.nodes[index].node.name == node.node.name else { return arrange(&kept, inventory) }
                kept.nodes[index] = node
                kept.parts[index] = GPUTotals.Part(node)
                kept.texts[index] = GPUNodeText(node)
            }
            index += 1
        }
        if index != kept.nodes.count { arrange(&kept, inventory) }
    }

    private static func arrange(_ kept: inout Kept, _ inventory: GPUInventory) {
        let nodes = Array(inventory.nodes)
        kept.nodes = nodes
        kept.parts = nodes.map(GPUTotals.Part.init)
        kept.texts = KeptTexts(names: nodes.map(\.node.name)) { GPUNodeText(nodes[$0]) }
    }
}

/// A node in the list, as it is written.
struct GPUNodeText: JSONEncodable, Equatable {
    /// The JSON; empty for a node without GPUs.
    let json: [UInt8]

    static var jsonSchema: JSONSchema { GPUNode.jsonSchema }

    init(_ node: NodeInventory) {
        json = node.total > 0 ? GPUNode(node: node).encoded() : []
    }

    func encode(to writer: inout JSONWriter) { writer.raw(json) }
}
