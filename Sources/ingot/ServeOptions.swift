import ArgumentParser
import IngotConfiguration

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The flags of `ingot serve`, which `ingot config check` takes too. They are texts here: the configuration checks them
/// together with what the environment and the file say.
struct ServeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The configuration file (JSON).", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp("The address to listen on (default: 127.0.0.1).", valueName: "address")
    )
    var host: String?

    @Option(
        help: ArgumentHelp(
            "The port to listen on; 0 takes any free one (default: 3001).",
            valueName: "number"
        )
    )
    var port: String?

    @Option(
        help: ArgumentHelp(
            "Where data is kept (default: $XDG_DATA_HOME/ingot or else ~/.local/share/ingot).",
            valueName: "directory"
        )
    )
    var dataDir: String?

    @Option(
        help: ArgumentHelp(
            "The least severe level that is logged: trace, debug, info, notice, warning, error or critical (default: info).",
            valueName: "level"
        )
    )
    var logLevel: String?

    @Option(
        help: ArgumentHelp("How log records are written: text or json (default: text).", valueName: "format")
    )
    var logFormat: String?

    @Option(
        help: ArgumentHelp(
            "Which cluster to use: auto, kubernetes, embedded or none (default: auto).",
            valueName: "mode"
        )
    )
    var cluster: String?

    @Flag(help: "Use the embedded cluster: short for --cluster embedded.")
    var embeddedCluster = false

    @Option(
        help: ArgumentHelp("The kubeconfig file (default: $KUBECONFIG or ~/.kube/config).", valueName: "file")
    )
    var kubeconfig: String?

    @Option(help: ArgumentHelp("The kubeconfig's context (default: its current one).", valueName: "name"))
    var context: String?

    @Option(
        help: ArgumentHelp(
            "A folder whose GGUF files are listed as models (default: none).",
            valueName: "directory"
        )
    )
    var modelsDir: String?

    func validate() throws {
        if embeddedCluster, let cluster, cluster != "embedded" {
            throw ValidationError("--embedded-cluster and --cluster \(cluster) contradict each other")
        }
    }

    /// What the flags say about the configuration.
    var overrides: CommandLineOverrides {
        CommandLineOverrides(
            config: config,
            host: host,
            port: port,
            dataDirectory: dataDir,
            logLevel: logLevel,
            logFormat: logFormat,
            cluster: embeddedCluster ? "embedded" : cluster,
            kubeconfig: kubeconfig,
            context: context,
            modelsDirectory: modelsDir
        )
    }

    /// The configuration that flags, environment and file make.
    func read() async throws(ConfigurationFailure) -> ServeConfiguration {
        try await ServeConfiguration.load(overrides, environment: ProcessInfo.processInfo.environment)
    }

    /// Every key with the value that counts and its source.
    func explain() async throws(ConfigurationFailure) -> [EffectiveValue] {
        try await ServeConfiguration.explain(overrides, environment: ProcessInfo.processInfo.environment)
    }

    /// The configuration; when there is something wrong, that is written to standard error, and what is thrown ends the
    /// program with the status for it.
    func load() async throws -> ServeConfiguration {
        do {
            return try await read()
        } catch {
            throw ExitStatus.failure(error)
        }
    }
}
