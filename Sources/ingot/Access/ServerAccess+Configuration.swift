import APIs
import Audit
import ControlPlane
import HTTPClient
import HTTPServer
import Identity
import IngotConfiguration
import Logging

extension ServerAccess {
    /// Who may call the API as a configuration says, and the audit log of its data directory.
    ///
    /// - Throws: what ends the program when the cluster that has to say who callers are is not there, or the log cannot be written.
    init(
        _ configuration: ServeConfiguration,
        cluster: ClusterAccess,
        models: ModelSources,
        http: HTTPClient,
        logger: Logger
    ) throws {
        self.init()
        let planner = DeploymentPlanner(
            cluster: cluster,
            models: models,
            fit: FitService(models: models.hub?.metadata, local: models.local, cluster: cluster)
        )
        if let source = try Self.source(configuration.auth, cluster: cluster, http: http) {
            requestGuard = AccessGuard(source, cluster: cluster, planner: planner)
        }
        do throws(AuditFailure) {
            let log = try AuditLog(
                folder: configuration.auditFolder,
                fileSize: configuration.audit.fileSize,
                files: configuration.audit.files
            )
            recorder = AuditRecorder(log, logger: logger)
        } catch {
            throw ExitStatus.cannotCreate.failure("the audit log cannot be written: \(error)")
        }
    }

    private static func source(
        _ auth: ServeConfiguration.Auth,
        cluster: ClusterAccess,
        http: HTTPClient
    ) throws -> AccessGuard.Source? {
        switch auth.mode {
        case .none: return nil
        case .tokenReview:
            guard let client = cluster.client else {
                throw ExitStatus.configuration.failure(
                    "auth.mode: token-review needs a cluster, and none is configured"
                )
            }
            return .cluster(
                ClusterIdentity(cluster: client, audiences: auth.audiences, duration: auth.cacheDuration)
            )
        case .oidc:
            var settings = OIDCSettings(
                issuer: auth.oidc.issuer,
                audiences: auth.audiences,
                roles: [
                    .viewer: auth.oidc.roles.viewer, .operator: auth.oidc.roles.operator,
                    .admin: auth.oidc.roles.admin,
                ]
            )
            settings.usernameClaim = auth.oidc.usernameClaim
            settings.groupsClaim = auth.oidc.groupsClaim
            settings.clockSkew = auth.oidc.clockSkew
            settings.cacheDuration = auth.cacheDuration
            return .issuer(OIDCIdentity(settings, http: http))
        }
    }
}

extension ServeConfiguration {
    /// Where the audit log is kept.
    var auditFolder: String { "\(dataDirectory)/audit" }
}
