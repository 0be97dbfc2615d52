import ControlPlane
import HTTPServer
import HTTPTypes
import HuggingFace
import JSON
import Kubernetes

/// `/api/secrets/huggingface`: the Hub's token in the namespaces where models are served.
enum HubSecretRoutes {
    static func routes(cluster: ClusterAccess, models: ModelSources) -> [Route] {
        [status(cluster), save(cluster, models), delete(cluster)]
    }

    private static let failures: [Route.Answer] = [
        .init(403, "The cluster does not let Ingot do that.", json: ErrorBody.self),
        .init(409, "Others write the secrets all the time.", json: ErrorBody.self),
        .init(503, "The cluster cannot be reached; nothing has changed.", json: ErrorBody.self),
    ]

    private static func status(_ cluster: ClusterAccess) -> Route {
        Route(
            .get,
            "/api/secrets/huggingface/status",
            access: .viewer,
            documentation: .init(
                operationID: "getHuggingFaceSecretStatus",
                summary: "Tell where the Hugging Face token is",
                description:
                    "The namespaces are the documented ones, those of deployments, and the one that deployments go to by default. "
                    + "Neither the Hub nor the API server is asked.",
                tag: "Hugging Face",
                answers: [
                    .init(200, "Where it is.", json: HubSecretStatus.self),
                    .init(503, "The cluster has not been read yet.", json: ErrorBody.self),
                ]
            ),
            handler: .immediate { _, response in
                let secrets = cluster.hubToken
                try response.add(ageOf: secrets?.states ?? [], "secrets", in: cluster)
                guard let secrets else { return }
                response.setJSON(HubSecretStatus(status: secrets.status()))
            }
        )
    }

    private static let body = JSONSchema.object("HuggingFaceToken", additionalProperties: .refused) {
        [
            JSONProperty(
                "accessToken",
                "A token of the Hub",
                .string(pattern: "^[!-~]+$", maximumLength: 4096),
                example: "hf_xxxxx"
            )
        ]
    }

    private static func save(_ cluster: ClusterAccess, _ models: ModelSources) -> Route {
        Route(
            .post,
            "/api/secrets/huggingface",
            access: .admin,
            documentation: .init(
                operationID: "saveHuggingFaceToken",
                summary: "Save a Hugging Face token as a secret in all namespaces that need it",
                description: """
                    The Hub is asked first whose token it is. Then the token is saved at once in Ingot's own namespace, and from there it \
                    is copied: a save that is interrupted is completed when Ingot starts again. Secrets that Ingot has not made are left \
                    as they are.
                    """,
                tag: "Hugging Face",
                requestBody: .init(description: "The token.", schema: body),
                answers: [
                    .init(200, "It is in all namespaces.", json: SavedHubSecret.self),
                    .init(
                        502,
                        "It is not in all namespaces, and `results` says where it is; the same request tries again. Or the Hub or the "
                            + "API server failed, and nothing has changed.",
                        mediaType: "application/json",
                        schema: .anyOf([PartlySavedHubSecret.jsonSchema, ErrorBody.jsonSchema])
                    ),
                    .init(400, "It is no token, or nobody's.", json: ErrorBody.self),
                    .init(429, "The Hub has had too many requests.", json: ErrorBody.self),
                    .init(504, "The Hub did not answer in time.", json: ErrorBody.self),
                ] + failures
            ),
            bodyLimit: 64 << 10,
            handler: .asynchronous { request in
                let token = try token(request)
                let secrets = try connected(cluster)
                let user = try await user(token, models)
                do throws(HubTokenSecrets.Failure) {
                    let outcomes = try await secrets.save(token, of: user)
                    guard outcomes.contains(where: { $0.problem != nil }) else {
                        return Response(json: SavedHubSecret(user: user, outcomes: outcomes))
                    }
                    var response = Response(
                        json: PartlySavedHubSecret(user: user, outcomes: outcomes, requestID: request.id)
                    )
                    response.status = .badGateway
                    return response
                } catch {
                    throw HTTPError(error)
                }
            }
        )
    }

    private static func delete(_ cluster: ClusterAccess) -> Route {
        Route(
            .delete,
            "/api/secrets/huggingface",
            access: .admin,
            documentation: .init(
                operationID: "deleteHuggingFaceToken",
                summary: "Delete the Hugging Face token from all namespaces",
                description: "Secrets that Ingot has not made are left as they are.",
                tag: "Hugging Face",
                answers: [
                    .init(
                        200,
                        "What became of it; `success` says whether it is gone everywhere.",
                        json: DeletedHubSecret.self
                    )
                ] + failures + [.init(502, "The API server failed.", json: ErrorBody.self)]
            ),
            handler: .asynchronous { _ in
                let secrets = try connected(cluster)
                do throws(HubTokenSecrets.Failure) {
                    return Response(json: DeletedHubSecret(outcomes: try await secrets.delete()))
                } catch {
                    throw HTTPError(error)
                }
            }
        )
    }

    // MARK: Parts

    private static func token(_ request: Request) throws(HTTPError) -> HubToken {
        let fields = JSONFields(try request.json())
        let text = fields.text("accessToken", "1 to 4096 visible ASCII characters") { HubToken($0) != nil }
        if text == nil, fields.value("accessToken") == nil { fields.reportMissing("accessToken") }
        fields.reportUnknown()
        guard fields.problems.isEmpty, let token = text.flatMap({ HubToken($0) }) else {
            throw HTTPError(fields.problems)
        }
        return token
    }

    private static func connected(_ cluster: ClusterAccess) throws(HTTPError) -> HubTokenSecrets {
        do throws(ClusterUnavailable) {
            try cluster.requireConnection(at: .now())
        } catch {
            throw .clusterUnavailable(error.description)
        }
        guard let secrets = cluster.hubToken else { throw .clusterUnavailable("no cluster is configured") }
        return secrets
    }

    /// Whose the token is, by the Hub's word.
    private static func user(_ token: HubToken, _ models: ModelSources) async throws(HTTPError) -> HubUser {
        guard let hub = models.hub else { throw HTTPError(HubError(.unreachable, "no Hub is configured")) }
        do throws(HubError) {
            return try await hub.client.user(token)
        } catch {
            switch error.kind {
            case .unauthorized, .forbidden:
                throw HTTPError(
                    .badRequest,
                    code: "VALIDATION_ERROR",
                    message: "Invalid HuggingFace token: \(error.message)",
                    details: error.status.map { [("hubStatus", .integer(Int64($0)))] } ?? []
                )
            case .notFound, .gated, .invalidRequest:
                throw HTTPError(HubError(.badAnswer, error.message, status: error.status))
            case .rateLimited, .unavailable, .timeout, .unreachable, .badAnswer, .tooLarge, .cancelled:
                throw HTTPError(error)
            }
        }
    }
}

extension HTTPError {
    /// What the API says of a token that was neither saved nor deleted.
    fileprivate init(_ failure: HubTokenSecrets.Failure) {
        switch failure {
        case .contended:
            self.init(
                .conflict,
                code: "CONFLICT",
                message: "others write the secrets all the time; the same request tries again"
            )
        case .kubernetes(let error, let doing): self.init(error, doing: doing)
        }
    }
}
