/// What a container on this machine is to be: a process with its arguments, environment, limits and log.
public struct ContainerSpecification: Sendable, Hashable {
    /// The command: the executable, looked for on the `PATH` of `environment` unless it has a slash, and its
    /// arguments.
    public var command: [String]
    /// The process's whole environment but for `INGOT_CONTAINER`, the mark of `Leftovers`: it inherits nothing from Ingot.
    public var environment: [String: String]
    /// The working directory; nil for Ingot's own.
    public var workingDirectory: String?
    /// Where the output goes. The folder must exist.
    public var logPath: String
    /// When the log is rotated.
    public var logRotation: LogRotation
    /// The bytes of anonymous memory (swapped out or not) that the process and its descendants may use together; the
    /// container is killed when it uses more. Nil for no limit. Mapped files, such as a model's, do not count.
    public var memoryLimit: UInt64?
    /// The number of files that each process may have open; nil for Ingot's own limit.
    public var openFileLimit: UInt64?
    /// Who runs the container, such as a data directory: a name under which `Leftovers` finds its processes.
    public var owner: String

    /// A container with this command and log, an empty environment and no limits.
    public init(
        command: [String],
        environment: [String: String] = [:],
        workingDirectory: String? = nil,
        logPath: String,
        logRotation: LogRotation = LogRotation(),
        memoryLimit: UInt64? = nil,
        openFileLimit: UInt64? = nil,
        owner: String = ""
    ) {
        self.command = command
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.logPath = logPath
        self.logRotation = logRotation
        self.memoryLimit = memoryLimit
        self.openFileLimit = openFileLimit
        self.owner = owner
    }
}

/// When a container's log is moved aside, and how much of it is kept.
public struct LogRotation: Sendable, Hashable {
    /// The size in bytes that a file does not exceed, unless by its first line. At least 1.
    public var maximumBytes: UInt64
    /// How many files are kept, the current one included. At least 1.
    public var files: UInt32

    /// Ten megabytes in each of five files are the kubelet's defaults (`containerLogMaxSize`, `containerLogMaxFiles`).
    public init(maximumBytes: UInt64 = 10 << 20, files: UInt32 = 5) {
        self.maximumBytes = max(1, maximumBytes)
        self.files = max(1, files)
    }
}
