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
        /// Which they are, so that thousands of them are compared without being touched.
        var identities: [ObjectIdentifier] = []
        /// What each of them adds to the totals.
        var parts: [GPUTotals.Part] = []
        /// What was written of each of them.
        var list = KeptNodeTexts()
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
            let capacity = GPUCapacity(totals: GPUTotals(inventory, kept.parts), nodes: kept.list.json)
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
            guard index < kept.identities.count else { return arrange(&kept, inventory) }
            // A node that has changed is another object.
            let identity = ObjectIdentifier(node)
            if kept.identities[index] != identity {
                guard kept.nodes[index].node.name == node.node.name else { return arrange(&kept, inventory) }
                kept.nodes[index] = node
                kept.identities[index] = identity
                kept.parts[index] = GPUTotals.Part(node)
                kept.list.replace(index, with: node)
            }
            index += 1
        }
        if index != kept.nodes.count { arrange(&kept, inventory) }
    }

    private static func arrange(_ kept: inout Kept, _ inventory: GPUInventory) {
        let nodes = Array(inventory.nodes)
        kept.nodes = nodes
        kept.identities = nodes.map { ObjectIdentifier($0) }
        kept.parts = nodes.map(GPUTotals.Part.init)
        kept.list = KeptNodeTexts(nodes)
    }
}

/// The nodes of the answer as they were written last, one behind the other. They are not kept each by itself: to put thousands of
/// pieces together costs more than everything else in an answer.
struct KeptNodeTexts: Sendable {
    /// The list, with its brackets.
    private(set) var json = GPUNodeList(json: Array("[]".utf8))
    /// What was written of each node, in the order that they come in.
    private var texts: [[UInt8]] = []
    /// Where in the list each of them is; nil for one without GPUs.
    private var places: [Int?] = []
    /// The nodes' numbers, by their names.
    private var order: [Int] = []

    /// No nodes.
    init() {}

    /// Writes those nodes.
    init(_ nodes: [NodeInventory]) {
        texts = nodes.map(Self.text)
        order = nodes.indices.sorted { nodes[$0].node.name < nodes[$1].node.name }
        write()
    }

    /// Writes a node anew that comes in the same place.
    mutating func replace(_ index: Int, with node: NodeInventory) {
        let text = Self.text(node)
        guard text != texts[index] else { return }
        let isOfEqualLength = text.count == texts[index].count
        texts[index] = text
        guard isOfEqualLength, let place = places[index] else { return write() }
        json.bytes.replaceSubrange(place..<place + text.count, with: text)
    }

    private static func text(_ node: NodeInventory) -> [UInt8] {
        node.total > 0 ? GPUNode(node: node).encoded() : []
    }

    private mutating func write() {
        places = Array(repeating: nil, count: texts.count)
        var list: [UInt8] = [0x5B]
        list.reserveCapacity(texts.reduce(2) { $0 + $1.count + 1 })
        for index in order where !texts[index].isEmpty {
            if list.count > 1 { list.append(0x2C) }
            places[index] = list.count
            list += texts[index]
        }
        list.append(0x5D)
        json = GPUNodeList(json: list)
    }
}

/// The list of nodes, as it is written.
struct GPUNodeList: JSONEncodable, Equatable {
    /// The JSON.
    fileprivate(set) var bytes: [UInt8]

    static var jsonSchema: JSONSchema { .array(of: GPUNode.jsonSchema) }

    init(json: [UInt8]) {
        bytes = json
    }

    func encode(to writer: inout JSONWriter) { writer.raw(bytes) }
}
