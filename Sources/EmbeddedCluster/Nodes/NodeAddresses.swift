/// The addresses of the simulated network: a /24 for the pods of each node, and one address for the node itself. Nothing listens
/// there.
struct NodeAddresses: Sendable, Hashable {
    /// Counts the nodes from 0.
    let index: Int

    /// How many nodes there are addresses for.
    static let capacity = 1 << 15

    init(index: Int) {
        self.index = index
    }

    /// The index of the node with those pod addresses; nil when they are not of this network.
    init?(podCIDR: String) {
        let parts = podCIDR.prefix { $0 != "/" }.split(separator: ".").compactMap { Int($0) }
        guard podCIDR.hasSuffix(".0/24"), parts.count == 4, parts[0] == 10, (128...255).contains(parts[1]),
            (0...255).contains(parts[2])
        else { return nil }
        index = (parts[1] - 128) * 256 + parts[2]
    }

    private var prefix: String { "10.\(128 + index / 256 % 128).\(index % 256)" }
    /// The addresses of the node's pods.
    var podCIDR: String { "\(prefix).0/24" }
    /// The node's own.
    var node: String { "172.\(18 + (index + 2) / 65536).\((index + 2) / 256 % 256).\((index + 2) % 256)" }

    /// The first address that no pod of the node has; nil when all are taken. The first two belong to the network and its bridge.
    func freePodAddress(notIn taken: Set<String>) -> String? {
        for host in 2..<255 {
            let address = "\(prefix).\(host)"
            if !taken.contains(address) { return address }
        }
        return nil
    }
}
