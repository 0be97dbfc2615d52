import ArgumentParser
import IngotConfiguration
import JSON
import YAML

/// `ingot manifests`: what runs Ingot in a cluster.
struct ManifestsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manifests",
        abstract: "Print the objects that run Ingot in a cluster, for kubectl apply -f -.",
        discussion: """
            A namespace, a service account with the least rights that the features need, a deployment of one pod with a read-only \
            root file system and a user that is not root, a volume claim for its data, and a service. Callers show tokens of the \
            cluster. The rights of an installer, which are those of an administrator of the cluster, are there only where \
            --feature installation is given, in a binding of their own.
            """
    )

    @Option(help: ArgumentHelp("The image that has ingot as its entry point.", valueName: "image"))
    var image: String

    @Option(help: ArgumentHelp("The namespace.", valueName: "name"))
    var namespace = "ingot-system"

    @Option(help: ArgumentHelp("How much room its data has.", valueName: "size"))
    var storage = "1Gi"

    @Option(
        name: .customLong("feature"),
        help: ArgumentHelp(
            "What Ingot is for, may be given several times: deployments (make, change and delete them), serving (ask their models), "
                + "secrets (keep tokens of the Hub), installation (install runtimes). Reading is always in it.",
            valueName: "feature"
        )
    )
    var features: [InClusterRights.Feature] = [.deployments, .serving]

    func run() throws {
        let objects = InClusterManifests(
            namespace: namespace,
            image: image,
            storage: storage,
            rights: InClusterRights(features: Set(features), namespace: namespace)
        )
        print(objects.all.map { "---\n" + $0.yaml }.joined(), terminator: "")
    }

    func validate() throws {
        guard !image.isEmpty, image.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ValidationError("--image: not the name of an image")
        }
        let isLabel =
            (1...63).contains(namespace.utf8.count) && namespace.first != "-" && namespace.last != "-"
            && namespace.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
            }
        guard isLabel else { throw ValidationError("--namespace: not the name of a namespace") }
    }
}

extension InClusterRights.Feature: ExpressibleByArgument {}
