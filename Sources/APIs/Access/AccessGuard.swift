public import ControlPlane
public import HTTPServer
import HTTPTypes
public import Identity
import Kubernetes

/// Decides who may call the routes of the main port.
public struct AccessGuard: RequestGuard {
    /// How callers are known.
    public enum Source: Sendable {
        /// By the cluster, which also says what they may do.
        case cluster(ClusterIdentity)
        /// By an OpenID Connect issuer, whose groups give them a role.
        case issuer(OIDCIdentity)
    }

    private let source: Source
    private let permissions: RoutePermissions

    /// A guard.
    ///
    /// - Parameters:
    ///   - cluster: the cluster that requests are about.
    ///   - planner: tells what a wish for a deployment would make.
    public init(_ source: Source, cluster: ClusterAccess, planner: DeploymentPlanner) {
        self.source = source
        permissions = RoutePermissions(cluster: cluster, planner: planner)
    }

    // MARK: RequestGuard

    /// Turns away requests without a token.
    public func screen(_ request: borrowing Request, to route: Route) -> HTTPError? {
        request[.authorization] == nil ? AccessFailure.noToken : nil
    }

    /// Whether a request goes on to its handler.
    public func admit(_ request: Request, to route: Route) -> RequestAdmission {
        guard let token = Self.token(request) else {
            return .decided(.refused(AccessFailure.noToken, nil))
        }
        switch source {
        case .cluster(let identity): return admit(request, route, token, identity)
        case .issuer(let identity):
            if let user = identity.known(token.digest) { return .decided(Self.judge(user, route)) }
            return .pending {
                do throws(IdentityFailure) {
                    return Self.judge(try await identity.user(token), route)
                } catch {
                    return .refused(AccessFailure.unknown(error), nil)
                }
            }
        }
    }

    /// More than one `Authorization` field is no token: which one would count is anybody's guess.
    private static func token(_ request: borrowing Request) -> BearerToken? {
        let fields = request.values(.authorization)
        guard fields.count == 1 else { return nil }
        return BearerToken(authorization: fields[0])
    }

    // MARK: The cluster's word

    private func admit(
        _ request: Request,
        _ route: Route,
        _ token: BearerToken,
        _ identity: ClusterIdentity
    ) -> RequestAdmission {
        let needs = permissions.needs(request, route)
        let digest = token.digest
        if identity.known(digest) == .nobody {
            let failure = IdentityFailure.invalidToken("the cluster does not know the token, or no longer")
            return .decided(.refused(AccessFailure.unknown(failure), nil))
        }
        if case .permissions(let needed) = needs,
            let verdict = Self.knownVerdict(needed, digest, identity)
        {
            return .decided(verdict)
        }
        return .pending {
            let needed =
                switch needs {
                case .permissions(let needed): needed
                case .found(let find): find()
                }
            do throws(IdentityFailure) {
                return try await Self.verdict(needed, token, identity)
            } catch {
                return .refused(AccessFailure.unknown(error), nil)
            }
        }
    }

    /// The verdict where all of it is known.
    private static func knownVerdict(
        _ needed: [Permission],
        _ token: TokenDigest,
        _ identity: ClusterIdentity
    ) -> AccessVerdict? {
        let now = ContinuousClock.now
        guard case .user(let user)? = identity.known(token, at: now) else { return nil }
        let principal = Principal(name: user.username, groups: user.groups)
        for permission in needed {
            guard let decision = identity.known(permission, of: token, at: now) else { return nil }
            guard decision.isAllowed else {
                let failure = AccessFailure.forbidden(permission, user.username, decision.reason)
                return .refused(failure, principal)
            }
        }
        return .admitted(principal)
    }

    private static func verdict(
        _ needed: [Permission],
        _ token: BearerToken,
        _ identity: ClusterIdentity
    ) async throws(IdentityFailure) -> AccessVerdict {
        let user = try await identity.user(token)
        let principal = Principal(name: user.username, groups: user.groups)
        for permission in needed {
            let decision = try await identity.decide(permission, for: user, of: token.digest)
            guard decision.isAllowed else {
                let failure = AccessFailure.forbidden(permission, user.username, decision.reason)
                return .refused(failure, principal)
            }
        }
        return .admitted(principal)
    }

    // MARK: Roles

    private static func judge(_ user: OIDCUser, _ route: Route) -> AccessVerdict {
        let principal = Principal(name: user.name, groups: user.groups)
        let needed: Role? =
            switch route.access {
            case .anyone: nil
            case .viewer: .viewer
            case .operator: .operator
            case .admin: .admin
            }
        if let needed, user.role.map({ $0 < needed }) ?? true {
            return .refused(AccessFailure.forbidden(route.access, user.name, has: user.role), principal)
        }
        return .admitted(principal)
    }
}
