public import Kubernetes

/// Asks a cluster whose a token is, and who may do what.
public protocol ClusterReviews: Sendable {
    /// Whose token this is; nil when it is nobody's, or not for one of the audiences.
    func review(token: String, audiences: [String]) async throws(KubernetesError) -> ReviewedUser?
    /// Whether somebody may do something.
    func decide(_ permission: Permission, for user: ReviewedUser) async throws(KubernetesError)
        -> AccessDecision
}

extension KubernetesClient: ClusterReviews {
    /// Whether somebody may do something.
    public func decide(
        _ permission: Permission,
        for user: ReviewedUser
    ) async throws(KubernetesError) -> AccessDecision {
        switch permission {
        case .resource(let request): try await mayAccess(user, request)
        case .path(let path, let verb): try await mayAccess(user, verb, path: path)
        }
    }
}
