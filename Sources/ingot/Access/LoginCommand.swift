import ArgumentParser
import HTTPTypes
import IngotConfiguration
import Kubernetes

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `ingot login`: keeps a token for a server.
struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Keep a token of the cluster for a server that asks for one.",
        discussion: """
            The token is that of the kubeconfig's user; an exec plugin is run for it where the kubeconfig says so. It is kept in \
            $XDG_CONFIG_HOME/ingot/credentials.json or else ~/.config/ingot/credentials.json, which only you may read, and the other \
            commands show it to that server and to no other. INGOT_TOKEN goes before it.
            """
    )

    @OptionGroup var server: ServerOptions

    @Option(
        help: ArgumentHelp(
            "The kubeconfig (default: $KUBECONFIG, or else ~/.kube/config).",
            valueName: "file"
        )
    )
    var kubeconfig: String?

    @Option(help: ArgumentHelp("The kubeconfig's context (default: its current one).", valueName: "name"))
    var context: String?

    @Flag(help: "Send the token also over plain HTTP to another machine.")
    var insecure = false

    func run() async throws {
        var connection = try await server.connection(showsToken: false)
        guard insecure || connection.isPrivate else {
            throw ExitStatus.usage.failure(
                "\(connection.address) is another machine and not https: whoever is on the way could read the token; "
                    + "use https, or --insecure where you trust the network"
            )
        }
        let token = try await clusterToken()
        connection.token = token.text
        try await check(connection)
        guard let saved = SavedTokens(environment: ProcessInfo.processInfo.environment) else {
            throw ExitStatus.cannotCreate.failure("there is no place for the token: HOME is not set")
        }
        do throws(SavedTokens.Failure) {
            try saved.keep(
                SavedTokens.Entry(token: token.text, expiration: token.expiration),
                for: connection.address
            )
        } catch {
            throw ExitStatus.cannotCreate.failure("\(error)")
        }
        print("Logged in to \(connection.address); the token is in \(saved.path)")
        if let expiration = token.expiration { print("It expires at \(expiration)") }
    }

    private func clusterToken() async throws -> ClusterToken {
        let location = ClusterLocation(
            kubeconfig: kubeconfig,
            context: context,
            environment: ProcessInfo.processInfo.environment
        )
        let configuration: ClusterConfiguration?
        do throws(KubeconfigError) {
            configuration = try location.configuration()
        } catch {
            throw ExitStatus.configuration.failure("\(error)")
        }
        guard let configuration else {
            throw ExitStatus.noInput.failure("there is no kubeconfig; name one with --kubeconfig")
        }
        do throws(KubernetesError) {
            if let token = try await configuration.token() { return token }
        } catch {
            throw ExitStatus.noPermission.failure("\(error)")
        }
        throw ExitStatus.noPermission.failure(
            "the user of the context \(configuration.name) has no token: a certificate or a password proves nothing to Ingot"
        )
    }

    /// Asks for something that every user may read.
    private func check(_ connection: ServerConnection) async throws {
        do throws(ServerFailure) {
            _ = try await connection.ask(.get, ["api", "models"])
        } catch {
            throw error.exit
        }
    }
}

/// `ingot logout`: forgets the token for a server.
struct LogoutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout",
        abstract: "Forget the token that ingot login has kept for a server."
    )

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connection = try await server.connection(showsToken: false)
        guard let saved = SavedTokens(environment: ProcessInfo.processInfo.environment) else {
            throw ExitStatus.noInput.failure("there is no token: HOME is not set")
        }
        do throws(SavedTokens.Failure) {
            let wasKept = try saved.forget(connection.address)
            print(
                wasKept
                    ? "Logged out of \(connection.address)" : "There was no token for \(connection.address)"
            )
        } catch {
            throw ExitStatus.cannotCreate.failure("\(error)")
        }
    }
}
