import APIs
import ArgumentParser
import ControlPlane

/// `ingot openapi`: prints the document that `GET /api/openapi.json` answers with.
struct OpenAPICommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openapi",
        abstract: "Print the OpenAPI document of the HTTP API."
    )

    func run() throws {
        let port = MainPort(
            build: Build.information,
            cluster: .none,
            models: .none,
            checks: [],
            metrics: { [] }
        )
        print(String(decoding: port.openAPI, as: UTF8.self))
    }
}
