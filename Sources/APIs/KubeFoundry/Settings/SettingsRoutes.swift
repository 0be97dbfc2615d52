import ControlPlane
import HTTPServer
import HTTPTypes
import JSON
import Kubernetes
import Runtimes

/// `GET` and `PUT /api/settings`, and `GET /api/settings/providers`.
enum SettingsRoutes {
    /// The routes.
    ///
    /// - Parameter isSignInRequired: whether callers have to say who they are.
    static func routes(cluster: ClusterAccess, isSignInRequired: Bool = false) -> [Route] {
        [read(cluster, isSignInRequired), change(cluster), providers]
    }

    private static func read(_ cluster: ClusterAccess, _ isSignInRequired: Bool) -> Route {
        Route(
            .get,
            "/api/settings",
            access: .viewer,
            documentation: .init(
                operationID: "getSettings",
                summary: "Show the settings and the providers that can be installed",
                description:
                    "The settings are kept in the cluster and are the same for every Ingot there. While the cluster is away they are "
                    + "those known last, and without a cluster the defaults; `problem` says so.",
                tag: "Settings",
                answers: [.init(200, "The settings.", json: SettingsBody.self)]
            ),
            handler: .immediate { _, response in
                let known =
                    cluster.settings?.known
                    ?? SettingsStore.Known(
                        settings: IngotSettings(),
                        problem: "no cluster is configured, which settings are kept in"
                    )
                response.setJSON(SettingsBody(known: known, isSignInRequired: isSignInRequired))
            }
        )
    }

    private static let body = JSONSchema.object("SettingsChange", additionalProperties: .refused) {
        [
            JSONProperty(
                "activeProviderId",
                "The runtime of deployments that name none; null leaves it to Ingot again",
                .nullable(.enumeration(RuntimeID.allCases.map(\.rawValue))),
                isRequired: false,
                example: "dynamo"
            ),
            JSONProperty(
                "defaultNamespace",
                "Where deployments go that name no namespace; null or an empty text for the usual one again",
                .nullable(.anyOf([DeploymentLookup.namespaceSchema, .constant("")])),
                isRequired: false,
                example: "models"
            ),
        ]
    }

    private static func change(_ cluster: ClusterAccess) -> Route {
        Route(
            .put,
            "/api/settings",
            access: .admin,
            documentation: .init(
                operationID: "updateSettings",
                summary: "Change settings; those that the body leaves out stay as they are",
                tag: "Settings",
                requestBody: .init(description: "The settings to change.", schema: body),
                answers: [
                    .init(200, "They are saved.", json: SavedSettings.self),
                    .init(400, "Fields are wrong; `details.fields` names each.", json: ErrorBody.self),
                    .init(403, "The cluster does not let Ingot do that.", json: ErrorBody.self),
                    .init(
                        409,
                        "What is stored cannot be understood, and is not written over.",
                        json: ErrorBody.self
                    ),
                    .init(502, "The API server failed.", json: ErrorBody.self),
                    .init(503, "The cluster cannot be reached; nothing is saved.", json: ErrorBody.self),
                ]
            ),
            bodyLimit: 64 << 10,
            handler: .asynchronous { request in
                let change: SettingsChange
                let json = try request.json()
                do throws(InvalidSettings) {
                    change = try SettingsChange(json: json)
                } catch {
                    throw HTTPError(error.problems)
                }
                do throws(ClusterUnavailable) {
                    try cluster.requireConnection(at: .now())
                } catch {
                    throw HTTPError.clusterUnavailable(error.description)
                }
                guard let store = cluster.settings else {
                    throw HTTPError.clusterUnavailable("no cluster is configured")
                }
                do throws(SettingsFailure) {
                    return Response(json: SavedSettings(settings: try await store.change(change)))
                } catch {
                    throw HTTPError(error)
                }
            }
        )
    }

    private static var providers: Route {
        Route(
            .get,
            "/api/settings/providers",
            access: .viewer,
            documentation: .init(
                operationID: "listProviders",
                summary: "List the providers that can be installed",
                tag: "Settings",
                answers: [.init(200, "The providers.", json: ProviderList.self)]
            ),
            handler: .immediate { _, response in response.setJSON(ProviderList()) }
        )
    }
}

extension HTTPError {
    /// What the API says of settings that were not changed.
    fileprivate init(_ failure: SettingsFailure) {
        switch failure {
        case .unavailable(let failure): self = .clusterUnavailable(failure.description)
        case .unreadable(let problem):
            self.init(
                .conflict,
                code: "CONFLICT",
                message: "\(problem): nothing was saved, so that nothing is lost; correct or delete it first"
            )
        case .contended:
            self.init(
                .conflict,
                code: "CONFLICT",
                message: "others change the settings all the time; nothing was saved"
            )
        case .kubernetes(let error, let doing): self.init(error, doing: doing)
        }
    }
}
