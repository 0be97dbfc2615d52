import HTTPClient
import Testing

/// Runs `body` with a client, and shuts it down.
func withClient<Value>(
    _ configuration: HTTPClientConfiguration = HTTPClientConfiguration(),
    _ body: (HTTPClient) async throws -> Value
) async throws -> Value {
    let client = try HTTPClient(configuration: configuration)
    do {
        let value = try await body(client)
        await client.shutDown()
        return value
    } catch {
        await client.shutDown()
        throw error
    }
}

/// The error that `body` ends with.
func failure(
    of body: () async throws -> some Any,
    sourceLocation: SourceLocation = #_sourceLocation
) async -> HTTPClientError? {
    await #expect(throws: HTTPClientError.self, sourceLocation: sourceLocation) { _ = try await body() }
}

extension HTTPClientCollectedResponse {
    var text: String { String(decoding: body, as: UTF8.self) }
}
