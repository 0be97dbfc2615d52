import ArgumentParser
import HTTPTypes
import JSON

/// `ingot list`: the deployments that a running server knows.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the deployments of a running server, newest first.",
        discussion: "Ends with status 69 when the server or the cluster gives no answer."
    )

    @Option(help: ArgumentHelp("Only those in this namespace.", valueName: "name"))
    var namespace: String?

    @Flag(help: "Print the JSON object that GET /api/deployments answers with.")
    var json = false

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connection = try await server.connection()
        do throws(ServerFailure) {
            let answer = try await connection.ask(
                .get,
                ["api", "deployments"],
                query: namespace.map { [("namespace", $0)] } ?? []
            )
            let deployments = answer.json["deployments"]?.arrayValue ?? []
            if json {
                print(answer.text)
            } else if deployments.isEmpty {
                print("No deployments" + (namespace.map { " in \($0)" } ?? "") + ".")
            } else {
                print(DeploymentText.list(deployments, at: .now()).joined(separator: "\n"))
            }
        } catch {
            throw error.exit
        }
    }
}
