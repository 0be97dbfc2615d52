import ArgumentParser
import HTTPTypes

/// `ingot logs`: what the pods of a deployment write.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Print the logs of a deployment of a running server.",
        discussion: """
            The lines of all pods are merged, and each begins with its pod. Of a deployment that is gone the last lines can be read \
            for an hour. With --follow lines are printed as they are written, until the deployment is gone.

            Ends with status 64 for wrong arguments and where several deployments have the name, 66 when there is none, and 69 \
            when the server or the cluster gives no answer.
            """
    )

    @OptionGroup var deployment: DeploymentArguments

    @Flag(name: .shortAndLong, help: "Go on with lines as they are written.")
    var follow = false

    @Option(help: ArgumentHelp("The pod; all of them unless one is named.", valueName: "name"))
    var pod: String?

    @Option(
        help: ArgumentHelp("The container; the one that serves unless another is named.", valueName: "name")
    )
    var container: String?

    @Option(help: ArgumentHelp("The last lines, so many (default: 100).", valueName: "number"))
    var tail: Int?

    @Option(help: ArgumentHelp("Nothing older than so many seconds.", valueName: "seconds"))
    var since: Int?

    @Flag(help: "Begin each line with the time at which it was written.")
    var timestamps = false

    @Flag(help: "The log of the container before its last restart.")
    var previous = false

    @Flag(help: "Print the JSON object that GET /api/deployments/NAME/logs answers with.")
    var json = false

    @OptionGroup var server: ServerOptions

    func validate() throws {
        if follow, previous { throw ValidationError("--follow and --previous exclude each other") }
        if follow, json { throw ValidationError("--follow and --json exclude each other") }
    }

    private var query: [(String, String)] {
        let wished: [(String, String?)] = [
            ("podName", pod), ("container", container), ("tailLines", tail.map(String.init)),
            ("sinceSeconds", since.map(String.init)), ("timestamps", timestamps ? "true" : nil),
            ("previous", previous ? "true" : nil), ("follow", follow ? "true" : nil),
        ]
        return deployment.query + wished.compactMap { name, value in value.map { (name, $0) } }
    }

    func run() async throws {
        let connection = try await server.connection()
        let path = deployment.path + ["logs"]
        do throws(ServerFailure) {
            if json {
                print(try await connection.ask(.get, path, query: query).text)
                return
            }
            var last = UInt8(ascii: "\n")
            try await connection.follow(.get, path, query: query, as: "text/plain") { chunk in
                ExitStatus.writeToStandardOutput(chunk)
                last = chunk.last ?? last
            }
            if last != UInt8(ascii: "\n") { ExitStatus.writeToStandardOutput([UInt8(ascii: "\n")]) }
        } catch {
            throw error.exit
        }
    }
}
