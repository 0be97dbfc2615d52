internal import CContainerShim
internal import Glibc
internal import LocalContainers

/// The shim for the tests of LocalContainers and, as `LocalContainerFixture host LOG COMMAND…`, a program that runs a
/// container until it is killed.
@main
enum LocalContainerFixture {
    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        switch arguments.first {
        case "container-shim":
            exit(ingot_container_shim(CommandLine.argc, CommandLine.unsafeArgv))
        case "host" where arguments.count > 2:
            await host(Array(arguments.dropFirst()))
        default:
            exit(EX_USAGE)
        }
    }

    private static func host(_ arguments: [String]) async {
        let specification = ContainerSpecification(
            command: Array(arguments.dropFirst()),
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"],
            logPath: arguments[0]
        )
        do {
            let container = try await LocalContainer.start(specification)
            print("started \(container.processID)")
            fflush(nil)
            print(await container.waitForExit())
        } catch {
            print(error)
            exit(1)
        }
    }
}
