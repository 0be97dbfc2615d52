/// The variables that Kubernetes (unless `enableServiceLinks` is false) and Docker links set in every container to say
/// where each service is. For a service named `ingot` or `ingot-…` their names begin like ours, and one of them is even
/// `INGOT_PORT`; they are nobody's attempt to configure the server.
enum ServiceLink {
    private static let protocols = ["tcp", "udp", "sctp"]

    /// Whether the variable is one of `…_SERVICE_HOST`, `…_SERVICE_PORT`, `…_SERVICE_PORT_NAME`,
    /// `…_PORT=tcp://10.0.0.1:3001`, `…_PORT_3001_TCP` and `…_PORT_3001_TCP_ADDR`.
    static func sets(_ name: String, _ text: String) -> Bool {
        if name.hasSuffix("_SERVICE_HOST") || name.hasSuffix("_SERVICE_PORT")
            || name.contains("_SERVICE_PORT_")
        {
            return true
        }
        if name.hasSuffix("_PORT") { return protocols.contains { text.hasPrefix("\($0)://") } }
        guard let port = name.firstRange(of: "_PORT_") else { return false }
        let rest = name[port.upperBound...].split(separator: "_", omittingEmptySubsequences: false)
        return rest.count > 1 && UInt16(rest[0]) != nil && protocols.contains(rest[1].lowercased())
    }
}
