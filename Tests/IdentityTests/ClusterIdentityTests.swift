import HTTPClient
import JSON
import Kubernetes
import KubernetesModel
import Synchronization
import Testing

@testable import Identity

/// A cluster that knows the token `good` and lets its user list; it counts what it is asked.
private final class StandIn: ClusterReviews {
    private let state = Mutex((reviews: 0, decisions: 0, isAway: false))

    var counts: (reviews: Int, decisions: Int) { state.withLock { ($0.reviews, $0.decisions) } }
    func goAway() { state.withLock { $0.isAway = true } }

    private static let away = KubernetesError.status(
        APIStatus(code: 503, reason: .serviceUnavailable, message: "away")
    )

    func review(token: String, audiences: [String]) async throws(KubernetesError) -> ReviewedUser? {
        let isAway = state.withLock { state in
            state.reviews += 1
            return state.isAway
        }
        if isAway { throw Self.away }
        return token == "good" ? ReviewedUser(username: "ada", groups: ["team"]) : nil
    }

    func decide(_ permission: Permission, for user: ReviewedUser) async throws(KubernetesError)
        -> AccessDecision
    {
        let isAway = state.withLock { state in
            state.decisions += 1
            return state.isAway
        }
        if isAway { throw Self.away }
        guard case .resource(let request) = permission else {
            return AccessDecision(isAllowed: false, reason: "")
        }
        return AccessDecision(isAllowed: request.verb == "list", reason: "because")
    }
}

struct ClusterIdentityTests {
    private static func pods(_ verb: String) -> Permission {
        .resource(
            AccessRequest(verb, GroupVersionResource(version: "v1", resource: "pods"), namespace: "prod")
        )
    }

    @Test("the cluster's answers are kept for a while, and told from memory")
    func kept() async throws {
        let cluster = StandIn()
        let identity = ClusterIdentity(cluster: cluster, audiences: [], duration: .seconds(60))
        let token = try #require(BearerToken("good"))
        #expect(identity.known(token.digest) == nil)
        let user = try await identity.user(token)
        #expect(user.username == "ada")
        #expect(identity.known(token.digest) == .user(user))
        for _ in 0..<5 { _ = try await identity.user(token) }
        let list = Self.pods("list")
        #expect(identity.known(list, of: token.digest) == nil)
        for _ in 0..<5 {
            #expect(try await identity.decide(list, for: user, of: token.digest).isAllowed)
        }
        #expect(identity.known(list, of: token.digest)?.isAllowed == true)
        #expect(identity.known(Self.pods("get"), of: token.digest) == nil)
        #expect(try await !identity.decide(Self.pods("get"), for: user, of: token.digest).isAllowed)
        #expect(cluster.counts.reviews == 1)
        #expect(cluster.counts.decisions == 2)
        let later = ContinuousClock.now + .seconds(61)
        #expect(identity.known(token.digest, at: later) == nil)
        #expect(identity.known(list, of: token.digest, at: later) == nil)
    }

    @Test("those who ask about one token at once share one question")
    func shared() async throws {
        let cluster = StandIn()
        let identity = ClusterIdentity(cluster: cluster, audiences: [], duration: .seconds(60))
        let token = try #require(BearerToken("good"))
        try await withThrowingTaskGroup { group in
            for _ in 0..<100 { group.addTask { _ = try await identity.user(token) } }
            try await group.waitForAll()
        }
        #expect(cluster.counts.reviews == 1)
    }

    @Test("a token of nobody is refused, for two seconds at most from memory")
    func nobody() async throws {
        let cluster = StandIn()
        let identity = ClusterIdentity(cluster: cluster, audiences: [], duration: .seconds(60))
        let token = try #require(BearerToken("bad"))
        let asked = ContinuousClock.now
        await #expect(throws: IdentityFailure.self) { try await identity.user(token) }
        #expect(identity.known(token.digest, at: asked + .seconds(2)) == .nobody)
        #expect(identity.known(token.digest, at: .now + .seconds(3)) == nil)
        #expect(cluster.counts.reviews == 1)
    }

    @Test("an outage is no answer: nobody is let in, and it is asked again")
    func outage() async throws {
        let cluster = StandIn()
        let identity = ClusterIdentity(cluster: cluster, audiences: [], duration: .seconds(60))
        let token = try #require(BearerToken("good"))
        let user = try await identity.user(token)
        cluster.goAway()
        let other = try #require(BearerToken("other"))
        for _ in 0..<2 {
            await #expect {
                try await identity.user(other)
            } throws: { error in
                if case .unavailable? = error as? IdentityFailure { true } else { false }
            }
            await #expect {
                try await identity.decide(Self.pods("list"), for: user, of: token.digest)
            } throws: { error in
                if case .unavailable? = error as? IdentityFailure { true } else { false }
            }
        }
        #expect(identity.known(other.digest) == nil)
        #expect(cluster.counts.decisions == 2)
        // What was said before the outage holds until its time is over.
        #expect(try await identity.user(token) == user)
    }

    @Test("more tokens than there is room for take the places of others")
    func room() async throws {
        let answers = RecentAnswers<Int, Int, IdentityFailure>(capacity: 10, questions: 4)
        for key in 0..<100 {
            let value = try await answers.answer(key, overload: .unavailable("")) {
                () throws(IdentityFailure) in (key * 2, .seconds(60))
            }
            #expect(value == key * 2)
        }
        let kept = (0..<100).count { answers.known($0, at: .now) != nil }
        #expect((1...10).contains(kept))
        #expect(answers.known(99, at: .now) == 198)
    }

    @Test("a permission is named in words")
    func words() {
        #expect("\(Self.pods("list"))" == "list pods in the namespace prod")
        let resource = GroupVersionResource(group: "ray.io", version: "v1", resource: "rayservices")
        #expect(
            "\(Permission.resource(AccessRequest("get", resource, name: "a")))"
                == "get rayservices.ray.io named a in the whole cluster"
        )
        #expect("\(Permission.path("/metrics", verb: "get"))" == "get /metrics")
    }
}
