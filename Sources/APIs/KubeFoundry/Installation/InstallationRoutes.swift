import ControlPlane
import HTTPServer
import HTTPTypes
import JSON
import Kubernetes

/// What can be asked of `/api/installation` besides capacity, and `GET /api/settings/providers/{id}`.
enum InstallationRoutes {
    static func routes(_ service: InstallationService, cluster: ClusterAccess) -> [Route] {
        [
            helm(service), status(service, cluster), commands(service), detail(service),
            gpuOperator(service, cluster),
        ]
    }

    static let provider = Route.Parameter(
        .path,
        "id",
        "The provider's id",
        schema: .enumeration(Provider.all.map(\.id))
    )
    static let unknownProvider = Route.Answer(404, "There is no such provider.", json: ErrorBody.self)

    /// The provider that a path names.
    static func provider(
        _ request: borrowing Request,
        _ service: InstallationService
    ) throws(HTTPError) -> Provider {
        let id = request.parameters["id"] ?? ""
        guard let provider = service.catalog.provider(id) else {
            let near = id.nearest(among: service.catalog.providers.map(\.id))
            throw HTTPError(
                .notFound,
                code: "NOT_FOUND",
                message: "Provider not found: \(id)" + (near.map { "; did you mean \($0)?" } ?? "")
            )
        }
        return provider
    }

    private static func helm(_ service: InstallationService) -> Route {
        Route(
            .get,
            "/api/installation/helm/status",
            access: .viewer,
            documentation: .init(
                operationID: "getHelmStatus",
                summary: "Tell whether the helm program can be used",
                description: "An answer is good for 30 seconds. The embedded cluster needs no helm.",
                tag: "Installation",
                answers: [.init(200, "Whether it can be used.", json: HelmStatusBody.self)]
            ),
            handler: .asynchronous { _ in
                Response(json: HelmStatusBody(state: await service.helmState()))
            }
        )
    }

    private static func status(_ service: InstallationService, _ cluster: ClusterAccess) -> Route {
        Route(
            .get,
            "/api/installation/providers/{id}/status",
            access: .viewer,
            documentation: .init(
                operationID: "getProviderStatus",
                summary: "Tell whether a provider is installed, piece by piece",
                description:
                    "Known from watches: neither helm nor the API server is asked. The operator is found in whatever namespace it runs, "
                    + "and counts when it is ready.",
                tag: "Installation",
                parameters: [provider],
                answers: [
                    .init(200, "How it stands.", json: ProviderStatusBody.self), unknownProvider,
                    .init(503, "The cluster has not been read yet.", json: ErrorBody.self),
                ]
            ),
            handler: .immediate { request, response in
                let provider = try provider(request, service)
                try response.add(ageOf: service.knownFrom, "installed operators", in: cluster)
                guard let installation = service.installation(of: provider) else {
                    throw HTTPError.clusterUnavailable("the installed operators are not known yet")
                }
                let running = service.tasks.running(on: provider.id)
                let latest = service.tasks.latest(on: provider.id)
                response.setJSON(
                    ProviderStatusBody(
                        provider: provider,
                        installation: installation,
                        commands: service.commands(for: provider),
                        newerVersion: service.newerVersion(of: provider),
                        running: running,
                        latest: latest,
                        isSimulated: service.isSimulated
                    )
                )
            }
        )
    }

    private static func commands(_ service: InstallationService) -> Route {
        Route(
            .get,
            "/api/installation/providers/{id}/commands",
            access: .viewer,
            documentation: .init(
                operationID: "listProviderCommands",
                summary: "List the commands that install a provider by hand",
                description: "Run in this order they have the effect of an installation by Ingot.",
                tag: "Installation",
                parameters: [provider],
                answers: [.init(200, "The commands.", json: ProviderCommandsBody.self), unknownProvider]
            ),
            handler: .immediate { request, response in
                let provider = try provider(request, service)
                response.setJSON(
                    ProviderCommandsBody(provider: provider, commands: service.commands(for: provider))
                )
            }
        )
    }

    private static func detail(_ service: InstallationService) -> Route {
        Route(
            .get,
            "/api/settings/providers/{id}",
            access: .viewer,
            documentation: .init(
                operationID: "getProvider",
                summary: "Describe a provider and what its installation brings",
                tag: "Settings",
                parameters: [provider],
                answers: [.init(200, "The provider.", json: ProviderDetail.self), unknownProvider]
            ),
            handler: .immediate { request, response in
                response.setJSON(ProviderDetail(provider: try provider(request, service)))
            }
        )
    }

    private static func gpuOperator(_ service: InstallationService, _ cluster: ClusterAccess) -> Route {
        Route(
            .get,
            "/api/installation/gpu-operator/status",
            access: .viewer,
            documentation: .init(
                operationID: "getGPUOperatorStatus",
                summary: "Tell whether the NVIDIA GPU Operator is installed, and which nodes have GPUs",
                tag: "Installation",
                answers: [
                    .init(200, "How it stands.", json: GPUOperatorBody.self),
                    .init(503, "The cluster has not been read yet.", json: ErrorBody.self),
                ]
            ),
            handler: .immediate { _, response in
                try response.add(ageOf: service.knownFrom, "installed operators", in: cluster)
                guard let status = service.gpuOperator, let provider = service.catalog.gpuOperator else {
                    throw HTTPError.clusterUnavailable("the nodes are not known yet")
                }
                response.setJSON(
                    GPUOperatorBody(
                        status: status,
                        commands: service.commands(for: provider),
                        isSimulated: service.isSimulated
                    )
                )
            }
        )
    }
}
