/// Names a change of deployments to those who follow them: which process has numbered it, and its number.
struct DeploymentEventID: CustomStringConvertible {
    let revision: UInt64

    /// Tells numbers from those of a process before this one, which began to count anew.
    private static let origin = String(UInt64.random(in: 0 ... .max), radix: 36)

    init(_ revision: UInt64) {
        self.revision = revision
    }

    /// Nil for what this process has not given out.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == Self.origin, let revision = UInt64(parts[1]) else { return nil }
        self.revision = revision
    }

    var description: String { "\(Self.origin)-\(revision)" }
}
