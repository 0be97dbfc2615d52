/// Gives each pod a loopback address of its own, so that the ports of one are never in the way of another's.
///
/// The addresses are those of 127.64.0.0/10, away from 127.0.0.1 and from what systems put near it. A pod gets the one that
/// its ID points to, or the next free one: the same pods get the same addresses in every run.
public struct PodAddresses: Sendable, Hashable {
    private static let base: UInt32 = 127 << 24 | 64 << 16
    private static let count: UInt32 = 1 << 22

    private var holders: [UInt32: String] = [:]
    private var addresses: [String: UInt32] = [:]

    /// No address is taken.
    public init() {}

    /// The address of a pod, by its UID; it keeps it until it is released. Nil when all four million are taken.
    public mutating func address(for pod: String) -> String? {
        if let address = addresses[pod] { return Self.text(address) }
        guard addresses.count < Int(Self.count) - 2 else { return nil }
        // FNV-1a: a hash that is the same in every process, which Hasher's is not.
        var hash: UInt32 = 2_166_136_261
        for byte in pod.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        var address = Self.base + hash % Self.count
        // The block's first and last address look like those of a network and of all its hosts.
        while holders[address] != nil || address == Self.base || address == Self.base + Self.count - 1 {
            address = Self.base + (address - Self.base + 1) % Self.count
        }
        holders[address] = pod
        addresses[pod] = address
        return Self.text(address)
    }

    /// Takes the address from a pod that is gone.
    public mutating func release(_ pod: String) {
        guard let address = addresses.removeValue(forKey: pod) else { return }
        holders[address] = nil
    }

    private static func text(_ address: UInt32) -> String {
        "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)"
    }
}
