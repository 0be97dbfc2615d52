public import HuggingFace
import Synchronization

/// Signs people in to the Hub (OAuth 2.0 with PKCE).
///
/// Either a page keeps the verifier and sends it with the code, or Ingot keeps it: then the page knows only a state, which is good once
/// and for ten minutes.
public final class HubSignIn: Sendable {
    /// How somebody's sign-in ended.
    public struct SignedIn: Sendable {
        /// The token.
        public let grant: HubGrant
        /// Whose it is.
        public let user: HubUser
    }

    /// Why nobody was signed in.
    public enum Failure: Error, Sendable {
        /// People must not be sent back there.
        case redirectRefused
        /// No sign-in was begun with that state, or it was ended or is too old.
        case unknownState
        /// The code was not exchanged.
        case exchange(HubExchangeFailure)
        /// The Hub has given a token, but does not say whose it is.
        case user(HubError)
    }

    private struct Begun {
        let verifier: CodeVerifier
        let redirectURI: String
        let end: ContinuousClock.Instant
    }

    /// How long a sign-in may take from its beginning.
    public static let patience = Duration.seconds(600)
    /// How many sign-ins may be under way; when there are more, the oldest are forgotten.
    private static let most = 10_000

    /// The Hub.
    public let hub: HubClient
    /// The client id as which people sign in.
    public let clientID: String
    private let redirects: RedirectRule
    private let now: @Sendable () -> ContinuousClock.Instant
    private let begun = Mutex<[String: Begun]>([:])

    /// Sign-ins at a Hub.
    ///
    /// - Parameter now: the time, by which states age.
    public init(
        hub: HubClient,
        clientID: String,
        redirects: RedirectRule,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock().now }
    ) {
        self.hub = hub
        self.clientID = clientID
        self.redirects = redirects
        self.now = now
    }

    /// Begins a sign-in of which Ingot keeps the verifier.
    ///
    /// - Returns: where the user has to go, and the state by which the sign-in is ended.
    public func begin(redirectURI: String) throws(Failure) -> (url: String, state: String) {
        guard redirects.allows(redirectURI) else { throw .redirectRefused }
        let now = now()
        let verifier = CodeVerifier.random()
        let state = CodeVerifier.randomText()
        begun.withLock { begun in
            if begun.count >= Self.most { begun = begun.filter { $0.value.end > now } }
            if begun.count >= Self.most, let oldest = begun.min(by: { $0.value.end < $1.value.end }) {
                begun[oldest.key] = nil
            }
            begun[state] = Begun(verifier: verifier, redirectURI: redirectURI, end: now + Self.patience)
        }
        let url = hub.authorizationURL(
            clientID: clientID,
            redirectURI: redirectURI,
            state: state,
            verifier: verifier
        )
        return (url, state)
    }

    /// Ends a sign-in that was begun here. The state is used up, however this ends.
    public func end(code: String, state: String) async throws(Failure) -> SignedIn {
        let now = now()
        let found = begun.withLock { $0.removeValue(forKey: state) }
        guard let found, found.end > now else { throw .unknownState }
        return try await exchange(code, found.verifier, found.redirectURI)
    }

    /// Ends a sign-in that somebody else has begun and kept the verifier of.
    public func end(
        code: String,
        verifier: CodeVerifier,
        redirectURI: String
    ) async throws(Failure) -> SignedIn {
        guard redirects.allows(redirectURI) else { throw .redirectRefused }
        return try await exchange(code, verifier, redirectURI)
    }

    private func exchange(
        _ code: String,
        _ verifier: CodeVerifier,
        _ redirectURI: String
    ) async throws(Failure) -> SignedIn {
        let grant: HubGrant
        do throws(HubExchangeFailure) {
            grant = try await hub.exchange(
                code: code,
                verifier: verifier,
                clientID: clientID,
                redirectURI: redirectURI
            )
        } catch {
            throw .exchange(error)
        }
        do throws(HubError) {
            return SignedIn(grant: grant, user: try await hub.user(grant.token))
        } catch {
            throw .user(error)
        }
    }
}
