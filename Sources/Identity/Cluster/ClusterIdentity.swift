public import Kubernetes

/// Knows users by what the cluster says of their tokens (TokenReview), and what they may do (SubjectAccessReview). What the cluster
/// has said holds for some seconds.
public final class ClusterIdentity: Sendable {
    /// What a token turned out to be.
    public enum Reviewed: Sendable, Hashable {
        /// Somebody's.
        case user(ReviewedUser)
        /// Nobody's.
        case nobody
    }

    private struct Question: Hashable, Sendable {
        let token: TokenDigest
        let permission: Permission
    }

    private let cluster: any ClusterReviews
    private let audiences: [String]
    /// For how long the cluster's answers hold.
    public let duration: Duration
    private let users = RecentAnswers<TokenDigest, Reviewed, IdentityFailure>(
        capacity: 4096,
        questions: 256
    )
    private let decisions = RecentAnswers<Question, AccessDecision, IdentityFailure>(
        capacity: 65_536,
        questions: 1024
    )

    /// How long it is remembered that a token is nobody's: a token may become good, as when its issuer's key is replaced.
    private static let refusalDuration = Duration.seconds(2)
    private static let overload = IdentityFailure.unavailable(
        "too many tokens are being reviewed; try again in a second"
    )

    /// Users as a cluster knows them.
    ///
    /// - Parameters:
    ///   - audiences: whom tokens must be for, one of them; none for the API server.
    ///   - duration: for how long the cluster's answers hold: so long does a token that was revoked, or a permission that was
    ///     taken away, go on to work.
    public init(cluster: any ClusterReviews, audiences: [String], duration: Duration) {
        self.cluster = cluster
        self.audiences = audiences
        self.duration = duration
    }

    // MARK: From memory

    /// Whose a token is; nil when that is not known.
    public func known(_ token: TokenDigest, at now: ContinuousClock.Instant = .now) -> Reviewed? {
        users.known(token, at: now)
    }

    /// Whether the user of a token may do something; nil when that is not known.
    public func known(
        _ permission: Permission,
        of token: TokenDigest,
        at now: ContinuousClock.Instant = .now
    ) -> AccessDecision? {
        decisions.known(Question(token: token, permission: permission), at: now)
    }

    // MARK: From the cluster

    /// Whose a token is.
    public func user(_ token: BearerToken) async throws(IdentityFailure) -> ReviewedUser {
        let reviewed = try await users.answer(token.digest, overload: Self.overload) {
            [cluster, audiences, duration] () throws(IdentityFailure) in
            do throws(KubernetesError) {
                guard let user = try await cluster.review(token: token.text, audiences: audiences) else {
                    return (Reviewed.nobody, min(duration, Self.refusalDuration))
                }
                return (.user(user), duration)
            } catch {
                throw .unavailable("the cluster cannot be asked whose the token is: \(error)")
            }
        }
        switch reviewed {
        case .user(let user): return user
        case .nobody: throw .invalidToken("the cluster does not know the token, or no longer")
        }
    }

    /// Whether the user of a token may do something.
    public func decide(
        _ permission: Permission,
        for user: ReviewedUser,
        of token: TokenDigest
    ) async throws(IdentityFailure) -> AccessDecision {
        let question = Question(token: token, permission: permission)
        return try await decisions.answer(question, overload: Self.overload) {
            [cluster, duration] () throws(IdentityFailure) in
            do throws(KubernetesError) {
                return (try await cluster.decide(permission, for: user), duration)
            } catch {
                throw .unavailable("the cluster cannot be asked for a permission: \(error)")
            }
        }
    }
}
