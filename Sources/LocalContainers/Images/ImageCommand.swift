internal import Glibc

/// What runs on this machine in place of an image: the parts of an image's configuration that matter for a process.
///
/// In all texts but the executable's `{podIP}` stands for the pod's address and `{port}` for the container's first port.
public struct ImageCommand: Sendable, Hashable {
    /// The image's ENTRYPOINT: the executable, found on Ingot's `PATH` or given with its folder, and first arguments.
    public var entrypoint: [String]
    /// The image's CMD: the arguments where the pod gives none.
    public var arguments: [String]
    /// Arguments after the pod's own. Where a program lets the last one count, they replace what is made for an image:
    /// a server that binds to all addresses there must bind to the pod's here.
    public var appended: [String]
    /// The image's ENV.
    public var environment: [String: String]
    /// The port where the pod names none.
    public var port: Int?

    /// A command.
    public init(
        entrypoint: [String],
        arguments: [String] = [],
        appended: [String] = [],
        environment: [String: String] = [:],
        port: Int? = nil
    ) {
        self.entrypoint = entrypoint
        self.arguments = arguments
        self.appended = appended
        self.environment = environment
        self.port = port
    }
}

/// What a pod says about the command of one of its containers.
public struct ContainerCommand: Sendable {
    /// The image's name.
    public var image: String
    /// The pod's `command`, which replaces the image's ENTRYPOINT and drops its CMD; nil or empty for none.
    public var command: [String]?
    /// The pod's `args`, which replace the image's CMD; nil or empty for none.
    public var arguments: [String]?
    /// The pod's `env`, in its order.
    public var environment: [(name: String, value: String)]
    /// The address of the pod.
    public var podAddress: String
    /// The first of the container's ports.
    public var port: Int?

    /// A container's command.
    public init(
        image: String,
        command: [String]? = nil,
        arguments: [String]? = nil,
        environment: [(name: String, value: String)] = [],
        podAddress: String,
        port: Int? = nil
    ) {
        self.image = image
        self.command = command
        self.arguments = arguments
        self.environment = environment
        self.podAddress = podAddress
        self.port = port
    }
}

/// A command that can be executed.
public struct ResolvedCommand: Sendable, Hashable {
    /// The executable with its folder, and the arguments.
    public var arguments: [String]
    /// The whole environment.
    public var environment: [String: String]

    /// A command.
    public init(arguments: [String], environment: [String: String]) {
        self.arguments = arguments
        self.environment = environment
    }
}

/// Why a container cannot run on this machine.
public enum ImageCommandError: Error, Sendable, Hashable, CustomStringConvertible {
    /// No command is configured for the image.
    case unknownImage(String)
    /// The executable that is configured for the image is not on this machine.
    case executableNotFound(image: String, executable: String)
    /// The executable that the pod names is not on this machine.
    case commandNotFound(String)
    /// The image's command needs a port, and the container has none.
    case portMissing(image: String)

    /// A message for the pod's owner.
    public var description: String {
        switch self {
        case .unknownImage(let image):
            "no command is configured on this machine for the image \"\(image)\""
        case .executableNotFound(let image, let executable):
            "the command for the image \"\(image)\" is not on this machine: \"\(executable)\" is not found in $PATH"
        case .commandNotFound(let executable):
            ContainerStartError(stage: .exec, code: ENOENT, subject: executable).description
        case .portMissing(let image):
            "the command for the image \"\(image)\" needs a port: name one in the container's ports"
        }
    }
}
