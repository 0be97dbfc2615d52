import JSON
import KubernetesModel

/// The virtual addresses and the node ports that services take, each once in the cluster.
enum ServiceAddresses {
    /// The address of `default/kubernetes`.
    static let apiServer = "10.96.0.1"
    /// The ports of nodes that services may take.
    static let nodePorts: ClosedRange<Int64> = 30000...32767
    private static let prefix = "10.96."

    /// Whether an address lies in the range of services, 10.96.0.0/16, its first and its last excepted.
    static func contains(_ address: String) -> Bool {
        guard address.hasPrefix(prefix) else { return false }
        let parts = address.dropFirst(prefix.count).split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { UInt8($0) }
        return parts.count == 2 && bytes.count == 2 && bytes != [0, 0] && bytes != [255, 255]
    }

    /// The addresses in use, but for those of one service.
    static func taken(_ state: ClusterState, besides key: ObjectKey) -> Set<String> {
        Set(
            state.objects(.services).filter { ObjectKey($0) != key }
                .compactMap { $0.spec["clusterIP"]?.stringValue }
        )
    }

    /// An address that nobody has; nil when there is none left. The first 256 are left to those who ask for one by name.
    static func free(_ taken: Set<String>) -> String? {
        let start = Int.random(in: 256..<65535)
        return (0..<65279).lazy.map { 256 + (start - 256 + $0) % 65279 }
            .map { "\(prefix)\($0 >> 8).\($0 & 255)" }
            .first { !taken.contains($0) }
    }

    /// The node ports in use, but for those of one service.
    static func takenPorts(_ state: ClusterState, besides key: ObjectKey) -> Set<Int64> {
        Set(
            state.objects(.services).filter { ObjectKey($0) != key }.flatMap { service in
                (service.spec["ports"]?.arrayValue ?? []).compactMap { $0["nodePort"]?.integerValue }
            }
        )
    }

    /// A node port that nobody has; nil when there is none left.
    static func freePort(_ taken: Set<Int64>) -> Int64? {
        let count = Int64(nodePorts.count)
        let start = Int64.random(in: 0..<count)
        return (0..<count).lazy.map { nodePorts.lowerBound + (start + $0) % count }
            .first { !taken.contains($0) }
    }
}
