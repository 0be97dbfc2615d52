import ArgumentParser
import HTTPTypes
import JSON

/// `ingot status`: how a deployment stands, and why it is not running.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Tell how a deployment of a running server stands, and why it is not running.",
        discussion: """
            Ends with status 64 where several deployments have the name, 66 when there is none, and 69 when the server or the \
            cluster gives no answer.
            """
    )

    @OptionGroup var deployment: DeploymentArguments

    @Flag(help: "Print the JSON object that GET /api/deployments/NAME answers with.")
    var json = false

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connection = try await server.connection()
        do throws(ServerFailure) {
            let answer = try await connection.ask(.get, deployment.path, query: deployment.query)
            if json {
                print(answer.text)
                return
            }
            var lines = DeploymentText.detail(answer.json, at: .now())
            if answer.json["phase"]?.stringValue != "Running" {
                let place = DeploymentPlace(answer.json)
                do throws(ServerFailure) {
                    let found = try await connection.ask(.get, place.path + ["diagnosis"], query: place.query)
                    lines += DeploymentText.diagnosis(found.json)
                } catch {
                    // It may have gone meanwhile, and an older server has no such route.
                    guard error.isNotFound else { throw error }
                }
            }
            print(lines.joined(separator: "\n"))
        } catch {
            throw error.exit
        }
    }
}
