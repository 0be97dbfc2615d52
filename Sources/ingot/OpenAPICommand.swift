import APIs
import ArgumentParser
import ControlPlane
import Store

/// `ingot openapi`: prints the document that `GET /api/openapi.json` answers with.
struct OpenAPICommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openapi",
        abstract: "Print the OpenAPI document of the HTTP API."
    )

    func run() throws {
        let installation = InstallationService(
            cluster: .none,
            tasks: TaskService(store: try .inMemory()),
            helm: Helm(.init(path: "helm", environment: [:], timeLimit: .seconds(60))),
            http: nil,
            simulation: nil
        )
        let port = MainPort(
            build: Build.information,
            cluster: .none,
            models: .none,
            installation: installation,
            checks: [],
            metrics: { [] }
        )
        print(String(decoding: port.openAPI, as: UTF8.self))
    }
}
