import ArgumentParser
import HTTPTypes
import JSON

/// `ingot delete`: has a running server end a deployment.
struct DeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "End a deployment of a running server, with everything that belongs to it.",
        discussion: """
            Ends with status 0 when it is being ended, and with --wait when it is gone; 1 when it is not gone in time, 64 where \
            several deployments have the name, 66 when there is none, 69 when the server or the cluster gives no answer, 73 \
            when another tool has made it, and 77 when the cluster does not let it.
            """
    )

    @OptionGroup var deployment: DeploymentArguments

    @OptionGroup var waiting: WaitOptions

    @Flag(help: "Print the JSON object that DELETE /api/deployments/NAME answers with.")
    var json = false

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connection = try await server.connection()
        let isAsWished: Bool
        do throws(ServerFailure) {
            isAsWished = try await delete(connection)
        } catch {
            throw error.exit
        }
        if !isAsWished { throw ExitCode(1) }
    }

    private func delete(_ connection: ServerConnection) async throws(ServerFailure) -> Bool {
        // Which one it is has to be known while it is there.
        let place = DeploymentPlace(
            try await connection.ask(.get, deployment.path, query: deployment.query).json
        )
        let answer = try await connection.ask(.delete, place.path, query: place.query)
        if json { print(answer.text) }
        guard waiting.wait else {
            if !json { print("\(place.name) in \(place.namespace) is being ended") }
            return true
        }
        let outcome = try await DeploymentWait(connection, place, waiting).untilGone()
        if !outcome.isAsWished { ExitStatus.tell(outcome.text) } else if !json { print(outcome.text) }
        return outcome.isAsWished
    }
}
