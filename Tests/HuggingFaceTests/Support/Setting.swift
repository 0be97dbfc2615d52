import HTTPClient
import HuggingFace
import Testing

/// A stand-in for the Hub and a client of it.
struct Setting {
    var hub: StandInHub
    var client: HubClient
}

/// Runs `body` with a stand-in for the Hub and a client, and ends both.
func withHub(
    _ change: (inout HubConfiguration) -> Void = { _ in },
    _ body: (Setting) async throws -> Void
) async throws {
    let hub = try await StandInHub()
    let http = try HTTPClient()
    var configuration = HubConfiguration(endpoint: try #require(HubEndpoint(hub.url)))
    // However slow the machine, only the tests of deadlines meet one.
    configuration.deadline = .seconds(300)
    configuration.attempt = .seconds(120)
    configuration.connect = .seconds(60)
    change(&configuration)
    let outcome: Result<Void, any Error>
    do {
        outcome = .success(
            try await body(Setting(hub: hub, client: HubClient(configuration: configuration, http: http)))
        )
    } catch {
        outcome = .failure(error)
    }
    await http.shutDown()
    await hub.stop()
    try outcome.get()
}

/// The error that `body` ends with.
func failure(
    sourceLocation: SourceLocation = #_sourceLocation,
    of body: () async throws -> some Any
) async -> HubError? {
    await #expect(throws: HubError.self, sourceLocation: sourceLocation) { _ = try await body() }
}
