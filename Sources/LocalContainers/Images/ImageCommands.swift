internal import Glibc

/// Which command on this machine stands for which container image.
public struct ImageCommands: Sendable, Hashable {
    private struct Entry: Hashable {
        let pattern: ImagePattern
        let command: ImageCommand
    }

    private var entries: [Entry] = []

    /// No image can run.
    public init() {}

    /// What is configured unless the configuration says otherwise: llama.cpp's server, whose images bind to all addresses.
    public static let standard: ImageCommands = {
        var commands = ImageCommands()
        for registry in ["ghcr.io/ggml-org/llama.cpp", "ghcr.io/ggerganov/llama.cpp"] {
            commands["\(registry):server*"] = ImageCommand(
                entrypoint: ["llama-server"],
                appended: ["--host", "{podIP}"],
                port: 8080
            )
        }
        return commands
    }()

    /// The command for the images that a pattern names: an image's name, exact or with `*` in its tag or digest.
    public subscript(pattern: String) -> ImageCommand? {
        get {
            let pattern = ImagePattern(pattern)
            return entries.first { $0.pattern == pattern }?.command
        }
        set {
            let pattern = ImagePattern(pattern)
            entries.removeAll { $0.pattern == pattern }
            if let newValue { entries.append(Entry(pattern: pattern, command: newValue)) }
        }
    }

    /// The command for an image: that of the pattern which fits it most exactly.
    public func command(for image: String) -> ImageCommand? {
        let image = ImageReference(image)
        return entries.filter { $0.pattern.matches(image) }
            .max { $0.pattern.exactness < $1.pattern.exactness }?.command
    }

    /// What is executed for a container, by Kubernetes' rules for `command`, `args` and `env`.
    ///
    /// A `command` whose file has the name of the image's own (`/app/llama-server`) means that one; any other is looked for
    /// on this machine.
    ///
    /// - Parameters:
    ///   - container: What the pod says.
    ///   - base: Variables that every container has, `PATH` among them, which the image's and the pod's override.
    public func resolve(
        _ container: ContainerCommand,
        base: [String: String]
    ) throws(ImageCommandError) -> ResolvedCommand {
        guard let image = command(for: container.image), let own = image.entrypoint.first else {
            throw .unknownImage(container.image)
        }
        let values = try TemplateValues(container, image)
        let imageVariables = image.environment.mapValues(values.fill)
        let variables = VariableReferences.environment(
            container.environment,
            over: base.merging(imageVariables) { $1 }
        )
        let expand: (String) -> String = { VariableReferences.expand($0, variables) }

        let podCommand = (container.command ?? []).map(expand)
        let podArguments = (container.arguments ?? []).map(expand)
        var command: [String]
        if let first = podCommand.first {
            let isOwn = first.folderAndName.name == own.folderAndName.name
            command = [isOwn ? own : first] + podCommand.dropFirst() + podArguments
        } else {
            let arguments = podArguments.isEmpty ? image.arguments.map(values.fill) : podArguments
            command = [own] + image.entrypoint.dropFirst().map(values.fill) + arguments
        }
        // An argument for the image's program would be nonsense for another one.
        if podCommand.isEmpty || command[0] == own { command += image.appended.map(values.fill) }

        let path = base["PATH"] ?? ""
        guard let executable = Self.find(command[0], path: path) else {
            throw command[0] == own
                ? .executableNotFound(image: container.image, executable: own) : .commandNotFound(command[0])
        }
        command[0] = executable
        return ResolvedCommand(arguments: command, environment: variables)
    }

    /// The file that a shell would execute by this name.
    private static func find(_ name: String, path: String) -> String? {
        let candidates =
            name.contains("/")
            ? [name]
            : path.split(separator: ":").map { "\($0)/\(name)" }
        return candidates.first { candidate in
            var status = stat()
            return stat(candidate, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
                && access(candidate, X_OK) == 0
        }
    }
}

/// The values of the placeholders in an image's command.
private struct TemplateValues {
    let podAddress: String
    let port: Int?

    init(_ container: ContainerCommand, _ image: ImageCommand) throws(ImageCommandError) {
        podAddress = container.podAddress
        port = container.port ?? image.port
        let texts = image.entrypoint + image.arguments + image.appended + image.environment.values
        if port == nil, texts.contains(where: { $0.contains("{port}") }) {
            throw .portMissing(image: container.image)
        }
    }

    func fill(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let brace = rest.firstIndex(of: "{") {
            result += rest[..<brace]
            rest = rest[brace...]
            if rest.hasPrefix("{podIP}") {
                result += podAddress
                rest = rest.dropFirst("{podIP}".count)
            } else if rest.hasPrefix("{port}"), let port {
                result += String(port)
                rest = rest.dropFirst("{port}".count)
            } else {
                result += "{"
                rest = rest.dropFirst()
            }
        }
        return result + rest
    }
}
