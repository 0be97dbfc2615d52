import ControlPlane
import HuggingFace
import JSON

/// The answer of `GET /api/secrets/huggingface/status`.
struct HubSecretStatus: JSONObject {
    let status: HubTokenSecrets.Status

    static let schemaName = "HuggingFaceSecretStatus"
    static let fields: [JSONField<HubSecretStatus>] = [
        .init("configured", "Whether pods find a token in each of the namespaces") { $0.status.isConfigured },
        .init("namespaces", "The namespaces where the token belongs") {
            $0.status.places.map(HubSecretPlace.init)
        },
        .init("user", "Whose it is; absent where that is not known, or where namespaces have different ones")
        {
            $0.status.user.map(HubUserBody.init)
        },
    ]
}

/// How the token stands in a namespace.
struct HubSecretPlace: JSONObject {
    let place: HubTokenSecrets.Place

    static let schemaName = "HuggingFaceSecretPlace"
    static let fields: [JSONField<HubSecretPlace>] = [
        .init("name", "The namespace", example: "dynamo-system") { $0.place.namespace },
        .init("exists", "Whether pods there find a token") { $0.place.hasToken },
        .init("foreign", "Whether somebody else has made the secret there, which Ingot leaves as it is") {
            $0.place.isForeign
        },
    ]
}

/// What became of a namespace's secret.
struct HubSecretResult: JSONObject {
    let outcome: HubTokenSecrets.Outcome

    static let schemaName = "HuggingFaceSecretResult"
    static let fields: [JSONField<HubSecretResult>] = [
        .init("namespace", "The namespace", example: "dynamo-system") { $0.outcome.namespace },
        .init("success", "Whether the secret is as it was to be") { $0.outcome.problem == nil },
        .init("error", "Why it is not; absent where it is") { $0.outcome.problem },
    ]
}

/// The answer of `POST /api/secrets/huggingface`.
struct SavedHubSecret: JSONObject {
    let user: HubUser
    let outcomes: [HubTokenSecrets.Outcome]

    static let schemaName = "SavedHuggingFaceSecret"
    static let fields: [JSONField<SavedHubSecret>] = [
        .init("success", "That it is saved in all namespaces") { _ in true },
        .init("message", "The same in words", example: "HuggingFace token saved successfully") { _ in
            "HuggingFace token saved successfully"
        },
        .init("user", "Whose it is") { HubUserBody(user: $0.user) },
        .init("results", "What became of each namespace") { $0.outcomes.map(HubSecretResult.init) },
    ]
}

/// The answer of `POST /api/secrets/huggingface` where some namespaces do not have the token: the members of an error, and of a success.
struct PartlySavedHubSecret: JSONObject {
    let user: HubUser
    let outcomes: [HubTokenSecrets.Outcome]
    let requestID: String

    static let schemaName = "PartlySavedHuggingFaceSecret"
    static let fields: [JSONField<PartlySavedHubSecret>] = [
        .init("success", "That it is not saved in all namespaces") { _ in false },
        .init("message", "What is wrong and what to do about it") { $0.text },
        .init("error", "The same text as in message") { $0.text },
        .init("code", "A stable word for programs", example: "PARTIAL_FAILURE") { _ in "PARTIAL_FAILURE" },
        .init("details", "Particulars; always with requestId, which the server's log has too") {
            ["requestId": .string($0.requestID)] as JSONValue
        },
        .init("user", "Whose it is") { HubUserBody(user: $0.user) },
        .init("results", "What became of each namespace") { $0.outcomes.map(HubSecretResult.init) },
    ]

    private var text: String {
        let problems = outcomes.compactMap { outcome in
            outcome.problem.map { "\(outcome.namespace): \($0)" }
        }
        return "Failed to create secrets in some namespaces: \(problems.joined(separator: ", "))"
            + "; the others have the token, and the same request tries again"
    }
}

/// The answer of `DELETE /api/secrets/huggingface`.
struct DeletedHubSecret: JSONObject {
    let outcomes: [HubTokenSecrets.Outcome]

    private var isComplete: Bool { outcomes.allSatisfy { $0.problem == nil } }

    static let schemaName = "DeletedHuggingFaceSecret"
    static let fields: [JSONField<DeletedHubSecret>] = [
        .init("success", "Whether it is gone from all namespaces") { $0.isComplete },
        .init("message", "The same in words", example: "HuggingFace secrets deleted successfully") {
            $0.isComplete ? "HuggingFace secrets deleted successfully" : "Some secrets could not be deleted"
        },
        .init("results", "What became of each namespace") { $0.outcomes.map(HubSecretResult.init) },
    ]
}
