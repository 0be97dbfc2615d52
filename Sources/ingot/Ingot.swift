import ArgumentParser
import Telemetry

/// The `ingot` command.
struct Ingot: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingot",
        abstract: "A control plane for model inference on GPUs.",
        version: Build.information.version,
        subcommands: [
            ServeCommand.self, ModelsCommand.self, FitCommand.self, DeployCommand.self, ListCommand.self,
            StatusCommand.self, LogsCommand.self, ChatCommand.self, DeleteCommand.self,
            LoginCommand.self, LogoutCommand.self, AuditCommand.self, ManifestsCommand.self,
            BackupCommand.self, VerifyCommand.self, RestoreCommand.self, KubeconfigCommand.self,
            ConfigCommand.self,
            OpenAPICommand.self, VersionCommand.self,
        ]
    )
}
