import ArgumentParser
import HTTPTypes
import HuggingFace
import JSON

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `ingot deploy`: has a running server deploy a model.
struct DeployCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy",
        abstract: "Deploy a model through a running server.",
        discussion: """
            For a gated model of the Hub, put your access token in the variable HF_TOKEN: the server is shown it, to look whether \
            the model fits. What the workers load the model with is a secret of the namespace, named by --set hfTokenSecret=name.

            Ends with status 0 when the deployment was made, and with --wait when it serves; 1 when it would not fit (--strict), has \
            failed or does not serve in time; 64 for wrong arguments, 69 when the server or the cluster gives no answer or the \
            provider is not installed, 73 when there is a deployment of that name, and 77 when the cluster does not let it.
            """
    )

    @OptionGroup var arguments: DeployArguments

    @Flag(help: "Make nothing that is known not to fit.")
    var strict = false

    @OptionGroup var waiting: WaitOptions

    @Flag(
        help:
            "Print the JSON object that POST /api/deployments answers with; with --wait that of GET /api/deployments/NAME in the end."
    )
    var json = false

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connection = try await server.connection()
        let environment = ProcessInfo.processInfo.environment
        var headers = HTTPFields()
        if try HubToken.ofEnvironment(environment) != nil, let field = HTTPField.Name("X-HF-Token") {
            headers[field] =
                environment["HF_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
                ?? environment["HUGGING_FACE_HUB_TOKEN"]
        }
        let isAsWished: Bool
        do throws(ServerFailure) {
            isAsWished = try await deploy(connection, headers)
        } catch {
            throw error.exit
        }
        if !isAsWished { throw ExitCode(1) }
    }

    /// Whether it came about, with `--wait` also that it serves.
    private func deploy(
        _ connection: ServerConnection,
        _ headers: HTTPFields
    ) async throws(ServerFailure) -> Bool {
        let made = try await connection.ask(
            .post,
            ["api", "deployments"],
            query: strict ? [("strict", "true")] : [],
            headers: headers,
            body: arguments.body
        )
        for warning in made.json["warnings"]?.arrayValue ?? [] {
            ExitStatus.tell("warning: \((warning.stringValue ?? "").printable)")
        }
        let place = DeploymentPlace(made.json)
        if !json {
            print("\(place.name) is made in \(place.namespace) with \(place.provider ?? "-")")
        }
        guard waiting.wait else {
            print(
                json
                    ? made.text
                    : "See how it stands: ingot status \(place.name) --namespace \(place.namespace)"
            )
            return true
        }
        let outcome = try await DeploymentWait(connection, place, waiting).untilServing()
        if json, let answer = outcome.answer { print(answer.text) }
        if !outcome.isAsWished { ExitStatus.tell(outcome.text) } else if !json { print(outcome.text) }
        return outcome.isAsWished
    }
}
