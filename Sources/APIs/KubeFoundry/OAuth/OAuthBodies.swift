import ControlPlane
import HuggingFace
import JSON

/// The answer of `GET /api/oauth/huggingface/config`.
struct OAuthConfiguration: JSONObject {
    let signIn: HubSignIn

    static let schemaName = "OAuthConfiguration"
    static let fields: [JSONField<OAuthConfiguration>] = [
        .init(
            "clientId",
            "The client id as which people sign in",
            example: "e05817a1-7053-4b9e-b292-29cd219fccf8"
        ) { $0.signIn.clientID },
        .init(
            "authorizeUrl",
            "Where people sign in",
            example: "https://huggingface.co/oauth/authorize"
        ) { $0.signIn.hub.authorizeURL },
        .init("scopes", "What they sign in for", example: ["openid", "profile", "read-repos"]) { _ in
            HubClient.scopes
        },
    ]
}

/// The answer of `POST /api/oauth/huggingface/start`.
struct BegunSignIn: JSONObject {
    let url: String
    let state: String

    static let schemaName = "BegunSignIn"
    static let fields: [JSONField<BegunSignIn>] = [
        .init("authorizationUrl", "Where the user has to go") { $0.url },
        .init("state", "What comes back with the code, and ends the sign-in once within ten minutes") {
            $0.state
        },
    ]
}

/// The answer of `POST /api/oauth/huggingface/token` and `…/token-with-state`.
struct SignedInBody: JSONObject {
    let signedIn: HubSignIn.SignedIn

    static let schemaName = "OAuthToken"
    static let fields: [JSONField<SignedInBody>] = [
        .init("accessToken", "The token, which is kept nowhere here", example: "hf_xxxxx") {
            $0.signedIn.grant.token.revealed()
        },
        .init("tokenType", "How it is used (RFC 6750)", example: "Bearer") { _ in "Bearer" },
        .init(
            "expiresIn",
            "For how many seconds it is good; absent where the Hub does not say",
            example: 3600
        ) {
            $0.signedIn.grant.expiresIn
        },
        .init("scope", "What it may be used for; absent where the Hub does not say") {
            $0.signedIn.grant.scope
        },
        .init("user", "Whose it is") { HubUserBody(user: $0.signedIn.user) },
    ]
}

/// A user of the Hub.
struct HubUserBody: JSONObject {
    let user: HubUser

    static let schemaName = "HuggingFaceUser"
    static let fields: [JSONField<HubUserBody>] = [
        .init("id", "The Hub's number for the user", example: "user123") { $0.user.id },
        .init("name", "The user's name on the Hub", example: "username") { $0.user.name },
        .init("fullname", "The name that people read", example: "Full Name") { $0.user.fullName },
        .init("email", "The user's address; absent where the token may not see it") { $0.user.email },
        .init("avatarUrl", "The URL of a picture; absent where there is none") { $0.user.avatarURL },
    ]
}
