/// One thing that must be in order for the server to take requests.
public struct HealthCheck: Sendable {
    /// Its name, such as `data-directory`.
    public let name: String
    /// Returns what is wrong, or nil. It must not take longer than a probe waits.
    public let run: @Sendable () async -> String?

    /// A check.
    public init(_ name: String, run: @escaping @Sendable () async -> String?) {
        self.name = name
        self.run = run
    }
}
