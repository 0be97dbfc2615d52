import Crypto
import JSON
import Synchronization
import Testing

@testable import Identity

/// An issuer with keys of its own that counts how often it is asked for them, and a clock that a test moves.
private final class StandInIssuer: Sendable {
    private let state:
        Mutex<(keys: [(name: String, key: P256.Signing.PrivateKey)], fetches: Int, isAway: Bool)>
    private let clock = Mutex(ContinuousClock.now)

    init(_ names: [String]) {
        state = Mutex((names.map { ($0, P256.Signing.PrivateKey()) }, 0, false))
    }

    var fetches: Int { state.withLock { $0.fetches } }
    var time: ContinuousClock.Instant { clock.withLock { $0 } }
    func pass(_ duration: Duration) { clock.withLock { $0 += duration } }
    func add(_ name: String) { state.withLock { $0.keys.append((name, P256.Signing.PrivateKey())) } }
    func remove(_ name: String) { state.withLock { $0.keys.removeAll { $0.name == name } } }
    func setAway(_ isAway: Bool) { state.withLock { $0.isAway = isAway } }

    func fetch() throws(IdentityFailure) -> [SigningKey] {
        let keys: [SigningKey]? = state.withLock { state in
            state.fetches += 1
            if state.isAway { return nil }
            return state.keys.compactMap { entry in
                let point = entry.key.publicKey.x963Representation
                return SigningKey([
                    "kty": "EC", "crv": "P-256", "kid": .string(entry.name),
                    "x": .string(Base64.urlText(of: Array(point[1..<33]))),
                    "y": .string(Base64.urlText(of: Array(point[33...]))),
                ])
            }
        }
        guard let keys else { throw .unavailable("away") }
        return keys
    }

    func token(_ name: String, _ claims: JSONValue, algorithm: String = "ES256") throws -> BearerToken {
        let key = try #require(state.withLock { $0.keys.first { $0.name == name }?.key })
        let header: JSONValue = ["alg": .string(algorithm), "kid": .string(name)]
        let content = Base64.urlText(of: header.encoded()) + "." + Base64.urlText(of: claims.encoded())
        let signature = try key.signature(for: Array(content.utf8)).rawRepresentation
        return try #require(BearerToken(content + "." + Base64.urlText(of: Array(signature))))
    }
}

struct IssuerKeysTests {
    private static let claims: JSONValue = [
        "iss": "https://issuer.example", "aud": "ingot", "sub": "ada", "groups": ["platform"], "exp": 2_000,
    ]

    private static func identity(_ issuer: StandInIssuer, at time: Double = 1_000) -> OIDCIdentity {
        var settings = OIDCSettings(
            issuer: "https://issuer.example",
            audiences: ["ingot"],
            roles: [.viewer: ["*"], .admin: ["platform"]]
        )
        settings.cacheDuration = .zero
        let keys = IssuerKeys(
            now: { issuer.time },
            fetch: { () throws(IdentityFailure) in try issuer.fetch() }
        )
        return OIDCIdentity(settings, keys: keys, time: { time })
    }

    @Test("keys are fetched once, and again when a token names one that is new")
    func rotation() async throws {
        let issuer = StandInIssuer(["a"])
        let identity = Self.identity(issuer)
        for _ in 0..<3 {
            #expect(try await identity.user(issuer.token("a", Self.claims)).role == .admin)
        }
        #expect(issuer.fetches == 1)
        issuer.add("b")
        let token = try issuer.token("b", Self.claims)
        await #expect(throws: IdentityFailure.self) { try await identity.user(token) }
        #expect(issuer.fetches == 1, "it is asked at intervals only")
        issuer.pass(IssuerKeys.interval)
        #expect(try await identity.user(token).name == "ada")
        #expect(issuer.fetches == 2)
    }

    @Test("tokens with keys that nobody has cause a fetch at intervals, however many they are")
    func bounded() async throws {
        let issuer = StandInIssuer(["a", "gone"])
        let identity = Self.identity(issuer)
        let token = try issuer.token("gone", Self.claims)
        issuer.remove("gone")
        for _ in 0..<10 {
            for _ in 0..<10 {
                await #expect(throws: IdentityFailure.self) { try await identity.user(token) }
            }
            issuer.pass(IssuerKeys.interval)
        }
        #expect(issuer.fetches == 10)
    }

    @Test("a key that was withdrawn is forgotten once the keys are no longer fresh")
    func withdrawn() async throws {
        let issuer = StandInIssuer(["a", "b"])
        let identity = Self.identity(issuer)
        let token = try issuer.token("a", Self.claims)
        #expect(try await identity.user(token).name == "ada")
        issuer.remove("a")
        #expect(try await identity.user(token).name == "ada")
        issuer.pass(IssuerKeys.freshness)
        await #expect(throws: IdentityFailure.self) { try await identity.user(token) }
    }

    @Test("without keys nobody is let in, and an issuer that is away is asked at intervals only")
    func outage() async throws {
        let issuer = StandInIssuer(["a"])
        issuer.setAway(true)
        let identity = Self.identity(issuer)
        let token = try issuer.token("a", Self.claims)
        for _ in 0..<5 {
            await #expect(throws: IdentityFailure.unavailable("away")) { try await identity.user(token) }
        }
        #expect(issuer.fetches == 1)
        issuer.setAway(false)
        issuer.pass(IssuerKeys.interval)
        #expect(try await identity.user(token).name == "ada")
    }

    @Test("while the issuer is away its known keys are good for an hour, and of others nothing can be said")
    func awayLater() async throws {
        let issuer = StandInIssuer(["a", "b"])
        let identity = Self.identity(issuer)
        let token = try issuer.token("a", Self.claims)
        let other = try issuer.token("b", Self.claims)
        issuer.remove("b")
        #expect(try await identity.user(token).name == "ada")
        issuer.setAway(true)
        issuer.pass(IssuerKeys.freshness)
        for _ in 0..<3 {
            #expect(try await identity.user(token).name == "ada")
            await #expect(throws: IdentityFailure.unavailable("away")) { try await identity.user(other) }
        }
        #expect(issuer.fetches == 2)
        issuer.pass(IssuerKeys.endurance)
        await #expect(throws: IdentityFailure.unavailable("away")) { try await identity.user(token) }
        issuer.setAway(false)
        issuer.pass(IssuerKeys.interval)
        #expect(try await identity.user(token).name == "ada")
        await #expect(throws: IdentityFailure.self) { try await identity.user(other) }
    }

    @Test("of an issuer that does not answer, known keys are good at once")
    func silence() async throws {
        let issuer = StandInIssuer(["a"])
        let (silence, speak) = AsyncStream<Void>.makeStream()
        let (asked, noteAsked) = AsyncStream<Void>.makeStream()
        let keys = IssuerKeys(
            now: { issuer.time },
            fetch: { () throws(IdentityFailure) in
                if issuer.fetches == 1 {
                    noteAsked.yield()
                    for await _ in silence {}
                }
                return try issuer.fetch()
            }
        )
        #expect(try await keys.keys(named: "a").count == 1)
        issuer.pass(IssuerKeys.freshness)
        async let first = keys.keys(named: "a")
        for await _ in asked { break }
        // While one waits for the issuer the others do not.
        #expect(try await keys.keys(named: "a").count == 1)
        #expect(issuer.fetches == 1)
        speak.finish()
        #expect(try await first.count == 1)
        #expect(issuer.fetches == 2)
    }

    @Test("a token that never ends is taken")
    func endless() async throws {
        let issuer = StandInIssuer(["a"])
        var claims = Self.claims
        claims["exp"] = .number(1e300)
        #expect(try await Self.identity(issuer).user(issuer.token("a", claims)).name == "ada")
    }

    @Test("tokens of other issuers do not even cause a fetch")
    func others() async throws {
        let issuer = StandInIssuer(["a"])
        var claims = Self.claims
        claims["iss"] = "https://other.example"
        let token = try issuer.token("a", claims)
        await #expect(throws: IdentityFailure.self) { try await Self.identity(issuer).user(token) }
        #expect(issuer.fetches == 0)
    }

    private static let changedClaims: [(changes: JSONValue, isTaken: Bool)] = [
        (["exp": 971], true), (["exp": 970], false), (["exp": "2000"], false), (["exp": .null], false),
        (["nbf": 1030], true), (["nbf": 1031], false), (["nbf": "soon"], false), (["iat": 1031], false),
        (["aud": ["a", "ingot"]], true), (["aud": ["a"]], false), (["aud": .null], false),
        (["aud": 1], false),
        (["iss": "https://issuer.example/"], false), (["sub": .null], false), (["sub": ""], false),
        (["sub": 7], false),
    ]

    @Test("the claims decide whether a token is for here and now", arguments: changedClaims)
    func claims(changes: JSONValue, isTaken: Bool) async throws {
        var claims = Self.claims
        for change in try #require(changes.objectValue) {
            claims[change.key] = change.value == .null ? nil : change.value
        }
        let settings = OIDCSettings(issuer: "https://issuer.example", audiences: ["ingot"], roles: [:])
        let user = try? OIDCUser(claims, settings, now: 1_000)
        #expect((user != nil) == isTaken)
    }

    @Test("the greatest role of a user's groups counts, and who has none has no role")
    func roles() {
        let settings = OIDCSettings(
            issuer: "",
            audiences: [],
            roles: [.viewer: ["readers"], .operator: ["team"], .admin: []]
        )
        #expect(settings.role(of: ["readers", "team"]) == .operator)
        #expect(settings.role(of: ["readers"]) == .viewer)
        #expect(settings.role(of: ["others"]) == nil)
        #expect(Role.viewer < .operator && Role.operator < .admin)
    }
}
