public import JSON

/// A container on this machine: a process with a group, a log and limits of its own, and all its descendants.
///
/// Between Ingot and the process stands a shim, a process that reports the end, writes the log, and kills the container when
/// Ingot ends in whatever way. A container that ends takes all its descendants along, those in other sessions included.
public final class LocalContainer: Sendable {
    /// What the container was to be.
    public let specification: ContainerSpecification
    /// The ID of the container's first process, which leads a session and a process group.
    public let processID: Int32
    /// When the process started.
    public let startedAt: Timestamp

    private let connection: ShimConnection

    private init(
        _ specification: ContainerSpecification,
        _ started: ShimConnection.Started,
        _ connection: ShimConnection
    ) {
        self.specification = specification
        self.processID = started.process
        self.startedAt = started.at
        self.connection = connection
    }

    /// Starts a container; it runs when this returns.
    ///
    /// - Parameter shim: The executable that calls `ingot_container_shim` for the argument `container-shim`: this one,
    ///   unless a test has another.
    /// - Throws: The stage at which the start failed. No process is left then.
    public static func start(
        _ specification: ContainerSpecification,
        shim: String = "/proc/self/exe"
    ) async throws(ContainerStartError) -> LocalContainer {
        let connection = ShimConnection(specification)
        let started = try await connection.start(shim: shim).get()
        return LocalContainer(specification, started, connection)
    }

    /// Sends SIGTERM to the process and, when it has not ended after the grace period, SIGKILL to it and all its
    /// descendants. Returns at once. A second call may shorten the grace period; without any, SIGKILL is sent now.
    public func stop(grace: Duration) {
        let (seconds, attoseconds) = grace.components
        // A millisecond is 10^15 attoseconds. A year is as good as for ever.
        let milliseconds = min(max(0, seconds), 31_536_000) * 1000 + attoseconds / 1_000_000_000_000_000
        connection.stop(graceMilliseconds: max(0, milliseconds))
    }

    /// Waits until no process of the container is left and its log is whole. Any number of tasks may wait, and after the
    /// end too. Cancellation does not cut the wait short; `stop` does.
    public func waitForExit() async -> ContainerExit {
        await connection.waitForExit()
    }
}
