import ArgumentParser
import CContainerShim
import Glibc

/// The start of the executable.
@main
enum Main {
    static func main() async {
        // `ingot container-shim` is the process between Ingot and a container on this machine, started by Ingot only. There
        // is one for each container, it forks, and it must keep its descriptors: so it never gets as far as the argument
        // parser, the configuration, or a second thread.
        if CommandLine.arguments.dropFirst().first == "container-shim" {
            exit(ingot_container_shim(CommandLine.argc, CommandLine.unsafeArgv))
        }
        await Ingot.main()
    }
}
