import ArgumentParser
import EmbeddedCluster
import IngotConfiguration

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// `ingot kubeconfig`: how other clients reach the embedded cluster.
struct KubeconfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kubeconfig",
        abstract: "Print the path of the embedded cluster's kubeconfig.",
        discussion: """
            For kubectl and other clients: KUBECONFIG=$(ingot kubeconfig) kubectl get nodes. The file is written when \
            ingot serve starts the embedded cluster.
            """
    )

    @OptionGroup var options: ServeOptions

    func run() async throws {
        let configuration = try await options.load()
        let path = EmbeddedCluster.kubeconfigPath(folder: configuration.embeddedClusterFolder)
        guard access(path, R_OK) == 0 else {
            throw ExitStatus.noInput.failure(
                "\(path) is not there: ingot serve writes it when it starts the embedded cluster"
            )
        }
        print(path)
    }
}
