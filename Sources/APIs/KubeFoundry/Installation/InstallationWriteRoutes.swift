import ControlPlane
import HTTPServer
import HTTPTypes
import JSON
import Store

/// `POST /api/installation/providers/{id}/install` and its kin. Each begins a task, and answers when that has ended or time is up.
enum InstallationWriteRoutes {
    static func routes(_ service: InstallationService) -> [Route] {
        [
            change(
                service,
                "/api/installation/providers/{id}/install",
                "installation",
                "installProvider",
                "Install a provider",
                "With `force`, what remains of an installation that has failed or was interrupted is removed before.",
                takesForce: true
            ) { try await service.install($0, force: $1) },
            change(
                service,
                "/api/installation/providers/{id}/upgrade",
                "upgrade",
                "upgradeProvider",
                "Bring a provider to the version that is known here",
                "A provider that is not installed is installed. Definitions that Helm leaves as they are are upgraded too.",
                takesForce: false
            ) { provider, _ in try await service.upgrade(provider) },
            change(
                service,
                "/api/installation/providers/{id}/uninstall",
                "uninstall",
                "uninstallProvider",
                "Remove a provider's operator",
                "Namespaces stay, and so do definitions, unless they are in the operator's own chart (KAITO). Refused while there are deployments of the provider, unless `force` is set.",
                takesForce: true
            ) { try await service.uninstall($0, force: $1) },
            change(
                service,
                "/api/installation/providers/{id}/uninstall-crds",
                "uninstall-crds",
                "uninstallProviderDefinitions",
                "Delete a provider's definitions, and with them all their objects",
                "Refused while there are deployments of the provider, unless `force` is set. What fails is told in `results` only.",
                takesForce: true
            ) { try await service.removeDefinitions($0, force: $1) },
            installGPUOperator(service),
        ]
    }

    // MARK: Routes

    private static func change(
        _ service: InstallationService,
        _ path: PathTemplate,
        _ verb: String,
        _ operationID: String,
        _ summary: String,
        _ description: String,
        takesForce: Bool,
        _ begin: @escaping @Sendable (Provider, Bool) async throws -> TaskRecord?
    ) -> Route {
        Route(
            .post,
            path,
            access: .admin,
            documentation: .init(
                operationID: operationID,
                summary: summary,
                description: description + " " + waiting,
                tag: "Installation",
                parameters: [InstallationRoutes.provider, wait] + (takesForce ? [force] : []),
                answers: [
                    .init(200, "It is done, or was so before.", json: InstallationAnswer.self),
                    .init(202, "It is under way.", json: InstallationAnswer.self),
                    InstallationRoutes.unknownProvider,
                ] + failures
            ),
            handler: .asynchronous { request in
                let provider = try InstallationRoutes.provider(request, service)
                let isForced = takesForce ? try flag(request, "force") : false
                let limit = try patience(request)
                let task = try await refusing(provider, verb) { try await begin(provider, isForced) }
                let ended = try await outcome(of: task, service, limit)
                return response(answer(ended, provider, service), ended)
            }
        )
    }

    private static func installGPUOperator(_ service: InstallationService) -> Route {
        Route(
            .post,
            "/api/installation/gpu-operator/install",
            access: .admin,
            documentation: .init(
                operationID: "installGPUOperator",
                summary: "Install the NVIDIA GPU Operator",
                description: waiting,
                tag: "Installation",
                parameters: [wait, force],
                answers: [
                    .init(200, "It is done, or was so before.", json: GPUOperatorAnswer.self),
                    .init(202, "It is under way.", json: GPUOperatorAnswer.self),
                ] + failures
            ),
            handler: .asynchronous { request in
                guard let provider = service.catalog.gpuOperator else {
                    throw HTTPError(
                        .notFound,
                        code: "NOT_FOUND",
                        message: "there is no GPU operator to install"
                    )
                }
                let isForced = try flag(request, "force")
                let limit = try patience(request)
                let task = try await refusing(provider, "installation") {
                    try await service.install(provider, force: isForced)
                }
                let ended = try await outcome(of: task, service, limit)
                let status = service.gpuOperator.map {
                    GPUOperatorBody(status: $0, commands: nil, isSimulated: service.isSimulated)
                }
                return response(
                    GPUOperatorAnswer(answer: answer(ended, provider, service), status: status),
                    ended
                )
            }
        )
    }

    // MARK: Parts

    /// Proxies give up after 30 seconds or more.
    private static let standardPatience = 25

    private static let waiting =
        "The answer comes when it is done; when that takes longer than `wait` says, it is 202 with the task's id, which goes on. A client "
        + "that goes away ends nothing."

    private static let wait = Route.Parameter(
        .query,
        "wait",
        "The most seconds to wait for the end; 25 when left out",
        schema: .integer(minimum: 0, maximum: 600)
    )
    private static let force = Route.Parameter(
        .query,
        "force",
        "Whether to do it in spite of what speaks against it",
        schema: .boolean
    )
    private static let failures: [Route.Answer] = [
        .init(
            400,
            "A parameter has a value that it cannot have, or helm cannot be used: `details.commands` has what to run by hand.",
            json: ErrorBody.self
        ),
        .init(
            409,
            "Another task works on it, deployments need it, something that it needs is missing, or the task was cancelled.",
            json: ErrorBody.self
        ),
        .init(500, "A step has failed.", json: ErrorBody.self),
        .init(503, "The cluster cannot be reached.", json: ErrorBody.self),
    ]

    private static func flag(_ request: Request, _ name: String) throws(HTTPError) -> Bool {
        switch request.query[name] {
        case nil, "false": return false
        case "true": return true
        default: throw .badParameter(name, "expected true or false")
        }
    }

    private static func patience(_ request: Request) throws(HTTPError) -> Duration {
        .seconds(try request.query.integer("wait", in: 0...600) ?? standardPatience)
    }

    private static func refusing<Value>(
        _ provider: Provider,
        _ verb: String,
        _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch let refusal as InstallationService.Refusal {
            throw HTTPError(refusal, of: provider, verb: verb)
        }
    }

    /// The task when it has ended, or as it stands when time is up.
    private static func outcome(
        of task: TaskRecord?,
        _ service: InstallationService,
        _ limit: Duration
    ) async throws -> TaskRecord? {
        guard let task else { return nil }
        let record = await service.tasks.wait(for: task.id, atMost: limit) ?? task
        switch record.state {
        case .running, .succeeded: return record
        case .failed, .cancelled, .interrupted: throw HTTPError(ended: record)
        }
    }

    private static func answer(
        _ task: TaskRecord?,
        _ provider: Provider,
        _ service: InstallationService
    ) -> InstallationAnswer {
        InstallationAnswer(
            provider: provider,
            task: task,
            installation: service.installation(of: provider),
            isSimulated: service.isSimulated
        )
    }

    private static func response(_ body: some JSONEncodable, _ task: TaskRecord?) -> Response {
        var response = Response(json: body)
        if let task, task.state == .running {
            response.status = .accepted
            response.add(.location, "/api/tasks/\(task.id)")
        }
        return response
    }
}
