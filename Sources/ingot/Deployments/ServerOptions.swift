import ArgumentParser
import HTTPClient
import IngotConfiguration

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The flags of commands that ask a running server: where it is.
struct ServerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The server's address (default: $INGOT_SERVER, or else the configuration's host and port).",
            valueName: "url"
        )
    )
    var server: String?

    @Option(help: ArgumentHelp("The configuration file (JSON).", valueName: "file"))
    var config: String?

    /// The way to the server.
    ///
    /// - Parameter showsToken: whether the token for it is shown to it.
    /// - Throws: what ends the program when it is not told where the server is.
    func connection(showsToken: Bool = true) async throws -> ServerConnection {
        let environment = ProcessInfo.processInfo.environment
        let configuration: ServeConfiguration
        do throws(ConfigurationFailure) {
            // Nothing is kept, so no data directory is needed.
            let overrides = CommandLineOverrides(config: config, dataDirectory: ".")
            configuration = try await .load(overrides, environment: environment)
        } catch {
            throw ExitStatus.failure(error)
        }
        let http = try HTTPClient.forOutsideServices(configuration.outbound)
        if let text = server ?? environment["INGOT_SERVER"], !text.isEmpty {
            guard let address = Self.address(text) else {
                let source = server == nil ? "INGOT_SERVER" : "--server"
                throw ExitStatus.usage.failure(
                    "\(source): not the address of a server, such as http://127.0.0.1:3001"
                )
            }
            return try Self.connection(address, http, showsToken ? environment : [:])
        }
        guard configuration.port != 0 else {
            throw ExitStatus.usage.failure(
                "the configuration's port is 0, any free one: name the server with --server or INGOT_SERVER"
            )
        }
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        return try Self.connection(
            "http://\(host):\(configuration.port)",
            http,
            showsToken ? environment : [:]
        )
    }

    private static func connection(
        _ address: String,
        _ http: HTTPClient,
        _ environment: [String: String]
    ) throws -> ServerConnection {
        let token = try ServerConnection.token(for: address, environment: environment)
        return ServerConnection(address: address, http: http, token: token)
    }

    /// The address that people write, with its scheme and without a slash at its end; nil for what is none. Credentials in it are
    /// refused, since it is shown in messages.
    static func address(_ text: String) -> String? {
        let full = text.contains("://") ? text : "http://\(text)"
        guard let scheme = ["http://", "https://"].first(where: full.hasPrefix) else { return nil }
        let rest = full.dropFirst(scheme.count)
        guard let first = rest.utf8.first, first != 0x2F,
            rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"@?#\"\\".utf8.contains($0) })
        else { return nil }
        return full.hasSuffix("/") ? String(full.dropLast()) : full
    }
}
