internal import CContainerShim
internal import Dispatch
internal import Glibc
internal import LocalContainers

/// The shim for the tests of LocalContainers, and a program that runs one container:
///
///     LocalContainerFixture command LOG COMMAND ARGUMENT…
///     LocalContainerFixture image LOG IMAGE ARGUMENT…
///
/// It prints `started PROCESS ADDRESS`, stops the container at the end of its standard input, and prints how it ended.
@main
enum LocalContainerFixture {
    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.first == "container-shim" {
            exit(ingot_container_shim(CommandLine.argc, CommandLine.unsafeArgv))
        }
        guard arguments.count >= 3 else { exit(EX_USAGE) }
        let rest = Array(arguments.dropFirst(2))
        do {
            switch arguments.first {
            case "command":
                try await run(ResolvedCommand(arguments: rest, environment: base), log: arguments[2])
            case "image": try await run(image: rest[0], Array(rest.dropFirst()), log: arguments[2])
            default: exit(EX_USAGE)
            }
        } catch {
            print(error)
            exit(1)
        }
    }

    private static let base = [
        "PATH": getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin", "HOME": "/tmp",
    ]

    private static func run(image: String, _ arguments: [String], log: String) async throws {
        var addresses = PodAddresses()
        let address = addresses.address(for: log) ?? ""
        let container = ContainerCommand(image: image, arguments: arguments, podAddress: address)
        try await run(try ImageCommands.standard.resolve(container, base: base), log: log, address: address)
    }

    private static func run(_ command: ResolvedCommand, log: String, address: String = "127.0.0.1")
        async throws
    {
        let specification = ContainerSpecification(
            command: command.arguments,
            environment: command.environment,
            logPath: log
        )
        let container = try await LocalContainer.start(specification)
        print("started \(container.processID) \(address)")
        fflush(nil)
        let input = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO)
        input.setEventHandler {
            var byte: UInt8 = 0
            if read(STDIN_FILENO, &byte, 1) <= 0 {
                container.stop(grace: .seconds(30))
                input.cancel()
            }
        }
        input.activate()
        let exit = await container.waitForExit()
        print("ended \(exit.exitCode) \(exit.reason)")
    }
}
