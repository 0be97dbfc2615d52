import ControlPlane
import HTTPClient
import HuggingFace
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct HubSignInTests {
    /// A clock that a test sets.
    private final class Clock: Sendable {
        private let start = ContinuousClock().now
        private let passed = Mutex(Duration.zero)

        var now: ContinuousClock.Instant { start + passed.withLock(\.self) }

        func advance(_ time: Duration) { passed.withLock { $0 += time } }
    }

    private static let callback = "http://localhost:3000/oauth/callback/huggingface"

    /// Runs `body` with sign-ins at a Hub that nobody can reach.
    private func withSignIn(_ body: (HubSignIn, Clock) async throws -> Void) async throws {
        let http = try HTTPClient()
        let endpoint = try #require(HubEndpoint("http://127.0.0.1:1"))
        let clock = Clock()
        let signIn = HubSignIn(
            hub: HubClient(configuration: HubConfiguration(endpoint: endpoint), http: http),
            clientID: "client",
            redirects: RedirectRule(),
            now: { clock.now }
        )
        try await body(signIn, clock)
        await http.shutDown()
    }

    /// Whether the state is known, by what the attempt to end the sign-in fails with.
    private func isKnown(_ state: String, _ signIn: HubSignIn) async -> Bool {
        do throws(HubSignIn.Failure) {
            _ = try await signIn.end(code: "code", state: state)
            return true
        } catch {
            if case .unknownState = error { return false }
            return true
        }
    }

    @Test func `a state is good for ten minutes`() async throws {
        try await withSignIn { signIn, clock in
            let early = try signIn.begin(redirectURI: Self.callback).state
            let late = try signIn.begin(redirectURI: Self.callback).state
            clock.advance(.seconds(599))
            #expect(await isKnown(early, signIn))
            clock.advance(.seconds(1))
            #expect(await !isKnown(late, signIn))
        }
    }

    @Test func `a state is good once, however the exchange ends`() async throws {
        try await withSignIn { signIn, _ in
            let state = try signIn.begin(redirectURI: Self.callback).state
            #expect(await isKnown(state, signIn))
            #expect(await !isKnown(state, signIn))
        }
    }

    @Test func `of too many sign-ins the oldest is forgotten`() async throws {
        try await withSignIn { signIn, clock in
            let oldest = try signIn.begin(redirectURI: Self.callback).state
            clock.advance(.seconds(1))
            var last = ""
            for _ in 0..<10_000 { last = try signIn.begin(redirectURI: Self.callback).state }
            #expect(await !isKnown(oldest, signIn))
            #expect(await isKnown(last, signIn))
        }
    }
}
