import ArgumentParser
import JSON

/// Which deployment of a server is meant.
struct DeploymentPlace: Sendable {
    let name: String
    let namespace: String
    let provider: String?

    /// The one that an answer is about.
    init(_ answer: JSONValue) {
        name = (answer["name"]?.stringValue ?? "").printable
        namespace = (answer["namespace"]?.stringValue ?? "").printable
        provider = answer["provider"]?.stringValue?.printable
    }

    var path: [String] { ["api", "deployments", name] }

    var query: [(String, String)] {
        [("namespace", namespace)] + (provider.map { [("provider", $0)] } ?? [])
    }
}

/// The arguments of commands about one deployment.
struct DeploymentArguments: ParsableArguments {
    @Argument(help: "The deployment's name.")
    var name: String

    @Option(
        help: ArgumentHelp(
            "The namespace; needed where several have a deployment of that name.",
            valueName: "name"
        )
    )
    var namespace: String?

    @Option(
        help: ArgumentHelp(
            "The runtime; needed where several have a deployment of that name in the namespace.",
            valueName: "name"
        )
    )
    var provider: String?

    func validate() throws {
        if name.isEmpty || name == "." || name == ".." {
            throw ValidationError("NAME is not a deployment's name")
        }
    }

    var path: [String] { ["api", "deployments", name] }

    var query: [(String, String)] {
        (namespace.map { [("namespace", $0)] } ?? []) + (provider.map { [("provider", $0)] } ?? [])
    }
}

/// The flags of commands that can wait for what they have begun.
struct WaitOptions: ParsableArguments {
    @Flag(help: "Wait until it is done, and show how it comes along on standard error.")
    var wait = false

    @Option(help: ArgumentHelp("The longest to wait.", valueName: "seconds"))
    var timeout = 600

    func validate() throws {
        guard (1...604_800).contains(timeout) else {
            throw ValidationError("--timeout must be from 1 to 604800 seconds")
        }
    }
}
