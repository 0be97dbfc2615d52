internal import Glibc

/// Why a container did not start.
public struct ContainerStartError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was being done.
    public enum Stage: String, Sendable, Hashable {
        /// Starting the process that watches the container.
        case shim
        /// Opening the log file.
        case log
        /// Making pipes and a process.
        case fork
        /// Setting the container's limits.
        case limits
        /// Changing to the working directory.
        case directory
        /// Executing the command.
        case exec
    }

    /// What was being done.
    public let stage: Stage
    /// The system's error number (`errno`).
    public let code: Int32
    /// The file, folder or executable that it was about.
    public let subject: String

    /// The exit code that container runtimes give for a container that could not be started.
    public static let exitCode: Int32 = 128
    /// The reason that goes with it.
    public static let reason = "StartError"

    /// The message as it is shown to the pod's owner. Kubernetes users know those about the command from `runc`.
    public var description: String {
        let cause = String(cString: strerror(code))
        return switch stage {
        case .exec where code == ENOENT && !subject.contains("/"):
            "exec: \"\(subject)\": executable file not found in $PATH"
        case .exec: "exec: \"\(subject)\": \(cause)"
        case .directory: "chdir to cwd (\"\(subject)\") failed: \(cause)"
        case .log: "opening the log \(subject) failed: \(cause)"
        case .shim: "starting the container's shim \(subject) failed: \(cause)"
        case .fork: "making a process failed: \(cause)"
        case .limits: "setting the container's limits failed: \(cause)"
        }
    }
}
