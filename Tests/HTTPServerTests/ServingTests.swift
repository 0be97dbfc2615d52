import Testing

@Suite(.timeLimit(.minutes(1)))
struct ServingTests {
    @Test func `a request gets its answer`() async throws {
        try await withServer { server async throws in
            let response = try server.answer(to: Requests.text)
            #expect(response.status == 200)
            #expect(response.body == TestRoutes.text)
            let later = try server.answer(to: Requests.slow)
            #expect(later.body == TestRoutes.laterText)
        }
    }
}
