public import JSON

/// How a container ended.
public struct ContainerExit: Sendable, Hashable {
    /// What ended the container.
    public enum Cause: Sendable, Hashable {
        /// The process ended itself with this status, 0 to 255.
        case code(Int32)
        /// A signal ended the process.
        case signal(Int32)
        /// The container used this many bytes of memory, more than its limit, and was killed.
        case outOfMemory(used: UInt64)
        /// The process that watched the container is gone, killed by somebody; it takes the container along, whose own
        /// end nobody saw.
        case unwatched
    }

    /// What ended the container.
    public let cause: Cause
    /// When the process started.
    public let startedAt: Timestamp
    /// When the last process of the container was gone.
    public let finishedAt: Timestamp

    /// An end with this cause.
    public init(cause: Cause, startedAt: Timestamp, finishedAt: Timestamp) {
        self.cause = cause
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }

    /// The exit code as Kubernetes tells it (`state.terminated.exitCode`): 128 more than the signal for a process that a
    /// signal ended.
    public var exitCode: Int32 {
        switch cause {
        case .code(let code): code
        case .signal(let signal): 128 + signal
        case .outOfMemory, .unwatched: 137
        }
    }

    /// The reason as the kubelet gives it (`state.terminated.reason`).
    public var reason: String {
        switch cause {
        case .code(0): "Completed"
        case .code, .signal: "Error"
        case .outOfMemory: "OOMKilled"
        case .unwatched: "ContainerStatusUnknown"
        }
    }
}
