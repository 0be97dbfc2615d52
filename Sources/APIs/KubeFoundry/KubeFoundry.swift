public import ControlPlane
public import HTTPServer
import JSON
public import Telemetry

/// The KubeFoundry API, below `/api` on the main port.
public enum KubeFoundry {
    /// Its route table.
    ///
    /// - Parameter requiresToken: whether callers have to show a token.
    public static func surface(
        build: BuildInformation,
        cluster: ClusterAccess,
        models: ModelSources,
        installation: InstallationService,
        requiresToken: Bool = false
    ) -> Surface {
        let fit = FitService(models: models.hub?.metadata, local: models.local, cluster: cluster)
        let routes: [[Route]] = [
            HealthRoutes.routes(build: build),
            ClusterRoutes.routes(cluster: cluster),
            SettingsRoutes.routes(cluster: cluster, isSignInRequired: requiresToken),
            RuntimeRoutes.routes(cluster: cluster),
            AutoscalerRoutes.routes(cluster: cluster),
            OAuthRoutes.routes(models),
            HubSecretRoutes.routes(cluster: cluster, models: models),
            CapacityRoutes.routes(cluster: cluster, catalog: models.catalog),
            ModelRoutes.routes(models: models),
            FitRoutes.routes(fit: fit),
            DeploymentRoutes.routes(cluster: cluster),
            DeploymentEventRoutes.routes(cluster: cluster),
            DeploymentLogRoutes.routes(cluster: cluster),
            DeploymentServingRoutes.routes(cluster: cluster),
            DeploymentWriteRoutes.routes(DeploymentService(cluster: cluster, models: models, fit: fit)),
            DiagnosisRoutes.routes(DiagnosisService(cluster: cluster, models: models)),
            InstallationRoutes.routes(installation, cluster: cluster),
            InstallationWriteRoutes.routes(installation),
            TaskRoutes.routes(installation.tasks),
        ]
        return Surface(
            name: "KubeFoundry",
            routes: Array(routes.joined()),
            errorSchema: ErrorBody.jsonSchema,
            renderError: { failure, requestID, response in
                response.setJSON(ErrorBody(failure, requestID: requestID))
            }
        )
    }
}
