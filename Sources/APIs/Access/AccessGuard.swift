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
            return .pending { await Self.judge(token, route, identity) }
        }
    }

    /// More than one `Authorization` field is no token: which one would count is anybody's guess.
    private static func token(_ request: borrowing Request) -> BearerToken? {
        let fields = request.values(.authorization)
        guard fields.count == 1 else { return nil }
        return BearerToken(authorization: fields[0])
    }

    /// Asks again in the same way. What an answer needed when it began it goes on to need, also when what it is about is gone; but one
    /// that goes on to tell of other things needs what these need.
    public func renewal(of request: Request, to route: Route) -> AccessRenewal? {
        guard let token = Self.token(request) else { return nil }
        switch source {
        case .issuer(let identity):
            return AccessRenewal(interval: Self.interval(identity.cacheDuration)) {
                await Self.judge(token, route, identity)
            }
        case .cluster(let identity):
            let needs = permissions.needs(request, route)
            return AccessRenewal(interval: Self.interval(identity.duration)) {
                await Self.verdict(needs, token, identity)
            }
        }
    }

    /// Where nothing is remembered it is not asked all the time either.
    private static func interval(_ memory: Duration) -> Duration { max(memory, .seconds(1)) }

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
        switch needs {
        case .permissions(let needed):
            if let verdict = Self.knownVerdict(needed, digest, identity) { return .decided(verdict) }
        case .changing(let find):
            if let verdict = Self.knownVerdict(find(), digest, identity) { return .decided(verdict) }
        case .found: break
        }
        return .pending { await Self.verdict(needs, token, identity) }
    }

    /// The verdict where all of it is known.
    private static func knownVerdict(
        _ needed: NeededPermissions,
        _ token: TokenDigest,
        _ identity: ClusterIdentity
    ) -> AccessVerdict? {
        let now = ContinuousClock.now
        guard case .user(let user)? = identity.known(token, at: now) else { return nil }
        for permission in needed.all {
            guard let decision = identity.known(permission, of: token, at: now) else { return nil }
            if decision.isAllowed { continue }
            guard let otherwise = needed.otherwise else { return forbidden(permission, decision, user) }
            guard let known = identity.known(otherwise, of: token, at: now) else { return nil }
            return known.isAllowed ? forbidden(permission, decision, user) : forbidden(otherwise, known, user)
        }
        return .admitted(principal(user))
    }

    private static func verdict(
        _ needs: RouteNeeds,
        _ token: BearerToken,
        _ identity: ClusterIdentity
    ) async -> AccessVerdict {
        let needed =
            switch needs {
            case .permissions(let needed): needed
            case .changing(let find), .found(let find): find()
            }
        do throws(IdentityFailure) {
            let user = try await identity.user(token)
            for permission in needed.all {
                let decision = try await identity.decide(permission, for: user, of: token.digest)
                if decision.isAllowed { continue }
                guard let otherwise = needed.otherwise else { return forbidden(permission, decision, user) }
                let general = try await identity.decide(otherwise, for: user, of: token.digest)
                return general.isAllowed
                    ? forbidden(permission, decision, user) : forbidden(otherwise, general, user)
            }
            return .admitted(principal(user))
        } catch {
            return .refused(AccessFailure.unknown(error), nil)
        }
    }

    private static func principal(_ user: ReviewedUser) -> Principal {
        Principal(name: user.username, groups: user.groups)
    }

    private static func forbidden(
        _ permission: Permission,
        _ decision: AccessDecision,
        _ user: ReviewedUser
    ) -> AccessVerdict {
        .refused(AccessFailure.forbidden(permission, user.username, decision.reason), principal(user))
    }

    // MARK: Roles

    private static func judge(
        _ token: BearerToken,
        _ route: Route,
        _ identity: OIDCIdentity
    ) async -> AccessVerdict {
        do throws(IdentityFailure) {
            return judge(try await identity.user(token), route)
        } catch {
            return .refused(AccessFailure.unknown(error), nil)
        }
    }

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
