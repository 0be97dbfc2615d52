public import ControlPlane
public import HTTPServer
import JSON
public import Telemetry

/// The KubeFoundry API, below `/api` on the main port.
public enum KubeFoundry {
    /// Its route table.
    public static func surface(
        build: BuildInformation,
        cluster: ClusterAccess,
        models: ModelSources
    ) -> Surface {
        let fit = FitService(models: models.hub?.metadata, local: models.local, cluster: cluster)
        return Surface(
            name: "KubeFoundry",
            routes: HealthRoutes.routes(build: build) + ClusterRoutes.routes(cluster: cluster)
                + CapacityRoutes.routes(cluster: cluster, catalog: models.catalog)
                + ModelRoutes.routes(models: models) + DeploymentRoutes.routes(cluster: cluster)
                + DeploymentServingRoutes.routes(cluster: cluster)
                + DeploymentWriteRoutes.routes(
                    DeploymentService(cluster: cluster, models: models, fit: fit)
                )
                + FitRoutes.routes(fit: fit),
            errorSchema: ErrorBody.jsonSchema,
            renderError: { failure, requestID, response in
                response.setJSON(ErrorBody(failure, requestID: requestID))
            }
        )
    }
}
