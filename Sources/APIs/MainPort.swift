public import ControlPlane
public import HTTPServer
import JSON
public import Telemetry

/// Everything that the main port serves.
public struct MainPort: Sendable {
    /// Its surfaces; the first one answers for paths that no route has.
    public let surfaces: [Surface]
    /// Its OpenAPI document.
    public let openAPI: [UInt8]

    /// Puts the surfaces together.
    ///
    /// - Parameters:
    ///   - build: which build this is.
    ///   - cluster: the cluster that the control plane works with.
    ///   - models: where models come from.
    ///   - installation: installs the runtimes' operators.
    ///   - checks: what `GET /readyz` asks.
    ///   - metrics: writes the page of `GET /metrics`.
    ///   - requiresToken: whether callers have to show a token, for the OpenAPI document.
    public init(
        build: BuildInformation,
        cluster: ClusterAccess,
        models: ModelSources,
        installation: InstallationService,
        checks: [HealthCheck],
        metrics: @escaping @Sendable () -> [UInt8],
        requiresToken: Bool = false
    ) {
        let page = OpenAPIRoute.Page()
        surfaces = [
            KubeFoundry.surface(
                build: build,
                cluster: cluster,
                models: models,
                installation: installation,
                requiresToken: requiresToken
            ),
            Operations.surface(build: build, checks: checks, metrics: metrics, openAPI: page),
        ]
        openAPI = OpenAPIDocument(
            title: "Ingot",
            version: build.version,
            description: "A control plane for model inference on GPUs.",
            requiresToken: requiresToken
        )
        .json(surfaces)
        page.fill(openAPI)
    }

    /// The router of the main port.
    ///
    /// - Throws: `Router.Conflict` when two routes are in each other's way.
    public func router() throws(Router.Conflict) -> Router {
        try Router(surfaces)
    }
}
