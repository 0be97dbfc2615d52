import ControlPlane
import HTTPServer
import HTTPTypes
import HuggingFace
import JSON

/// `/api/oauth/huggingface`: how people sign in to the Hub.
enum OAuthRoutes {
    static func routes(_ models: ModelSources) -> [Route] {
        [configuration(models), token(models), start(models), tokenWithState(models)]
    }

    /// Sign-ins at the Hub.
    ///
    /// - Throws: 502 when none is used.
    private static func signIn(_ models: ModelSources) throws(HTTPError) -> HubSignIn {
        guard let signIn = models.signIn else {
            throw HTTPError(HubError(.unreachable, "no Hub is configured"))
        }
        return signIn
    }

    private static let wrongFields = "Fields are wrong; `details.fields` names each."
    private static let failures: [Route.Answer] = [
        .init(429, "The Hub has had too many requests.", json: ErrorBody.self),
        .init(502, "The Hub cannot be reached, or failed.", json: ErrorBody.self),
        .init(504, "The Hub did not answer in time.", json: ErrorBody.self),
    ]

    private static let code = JSONSchema.string(pattern: "^[!-~]+$", maximumLength: 4096)
    private static let redirectURI = JSONSchema.string(
        format: "uri",
        pattern: "^https?://[^@#\\s]+$",
        maximumLength: 2048
    )

    private static func configuration(_ models: ModelSources) -> Route {
        Route(
            .get,
            "/api/oauth/huggingface/config",
            access: .anyone,
            documentation: .init(
                operationID: "getHuggingFaceOAuthConfig",
                summary: "Show how people sign in to the Hugging Face Hub",
                tag: "Hugging Face",
                answers: [.init(200, "How they sign in.", json: OAuthConfiguration.self)]
            ),
            handler: .immediate { _, response in
                response.setJSON(OAuthConfiguration(signIn: try signIn(models)))
            }
        )
    }

    private static func token(_ models: ModelSources) -> Route {
        let body = JSONSchema.object("OAuthCode", additionalProperties: .refused) {
            [
                JSONProperty("code", "The authorization code of the callback", code),
                JSONProperty(
                    "codeVerifier",
                    "The verifier whose challenge the sign-in began with (RFC 7636 §4.1)",
                    .string(pattern: "^[A-Za-z0-9._~-]{43,128}$")
                ),
                JSONProperty(
                    "redirectUri",
                    "Where the callback came: on a loopback address or at an origin of the configuration",
                    redirectURI,
                    example: "http://localhost:3000/oauth/callback/huggingface"
                ),
            ]
        }
        return post(
            "/api/oauth/huggingface/token",
            "exchangeHuggingFaceCode",
            "Exchange an authorization code for a token, with the verifier that a page has kept",
            body,
            [.init(200, "The token.", json: SignedInBody.self)] + failures
        ) { fields, refuse in
            let code = fields.code()
            let redirectURI = fields.redirectURI()
            let verifier = fields.required("codeVerifier", CodeVerifierRule.words) { CodeVerifier($0) != nil }
            try refuse(fields)
            guard let verifier = CodeVerifier(verifier) else { throw HTTPError(fields.problems) }
            let signIn = try signIn(models)
            return Response(
                json: SignedInBody(
                    signedIn: try await ending { () throws(HubSignIn.Failure) in
                        try await signIn.end(code: code, verifier: verifier, redirectURI: redirectURI)
                    }
                )
            )
        }
    }

    private static func start(_ models: ModelSources) -> Route {
        let body = JSONSchema.object("OAuthStart", additionalProperties: .refused) {
            [
                JSONProperty(
                    "redirectUri",
                    "Where the callback is to come: on a loopback address or at an origin of the configuration",
                    redirectURI,
                    example: "http://localhost:3000/oauth/callback/huggingface"
                )
            ]
        }
        return post(
            "/api/oauth/huggingface/start",
            "startHuggingFaceSignIn",
            "Begin a sign-in of which the server keeps the verifier",
            body,
            [.init(200, "Where the user has to go.", json: BegunSignIn.self)]
        ) { fields, refuse in
            let redirectURI = fields.redirectURI()
            try refuse(fields)
            let signIn = try signIn(models)
            let (url, state) = try await ending { () throws(HubSignIn.Failure) in
                try signIn.begin(redirectURI: redirectURI)
            }
            return Response(json: BegunSignIn(url: url, state: state))
        }
    }

    private static func tokenWithState(_ models: ModelSources) -> Route {
        let body = JSONSchema.object("OAuthCodeWithState", additionalProperties: .refused) {
            [
                JSONProperty("code", "The authorization code of the callback", code),
                JSONProperty("state", "The state of the callback", code),
            ]
        }
        return post(
            "/api/oauth/huggingface/token-with-state",
            "endHuggingFaceSignIn",
            "Exchange an authorization code for a token, with the verifier that the server has kept",
            body,
            [
                .init(200, "The token.", json: SignedInBody.self),
                .init(404, "The state is unknown, used or too old.", json: ErrorBody.self),
            ] + failures
        ) { fields, refuse in
            let code = fields.code()
            let state = fields.code("state")
            try refuse(fields)
            let signIn = try signIn(models)
            return Response(
                json: SignedInBody(
                    signedIn: try await ending { () throws(HubSignIn.Failure) in
                        try await signIn.end(code: code, state: state)
                    }
                )
            )
        }
    }

    // MARK: Parts

    /// A route that takes an object. `body` gets its fields, and what refuses the request when something is wrong with them.
    private static func post(
        _ path: PathTemplate,
        _ operationID: String,
        _ summary: String,
        _ schema: JSONSchema,
        _ answers: [Route.Answer],
        _ body:
            @escaping @Sendable (JSONFields, (JSONFields) throws(HTTPError) -> Void) async throws -> Response
    ) -> Route {
        Route(
            .post,
            path,
            access: .admin,
            documentation: .init(
                operationID: operationID,
                summary: summary,
                tag: "Hugging Face",
                requestBody: .init(description: "The fields.", schema: schema),
                answers: answers + [.init(400, wrongFields, json: ErrorBody.self)]
            ),
            bodyLimit: 64 << 10,
            handler: .asynchronous { request in
                var response = try await body(JSONFields(try request.json())) {
                    (fields) throws(HTTPError) in
                    fields.reportUnknown()
                    guard fields.problems.isEmpty else { throw HTTPError(fields.problems) }
                }
                // RFC 6749 §5.1.
                response.add(.cacheControl, "no-store")
                return response
            }
        )
    }

    /// What `body` returns; its failure in the API's form.
    private static func ending<Value>(
        _ body: () async throws(HubSignIn.Failure) -> Value
    ) async throws(HTTPError) -> Value {
        do throws(HubSignIn.Failure) {
            return try await body()
        } catch {
            throw HTTPError(error)
        }
    }
}

/// What a code verifier may be.
private enum CodeVerifierRule {
    static let words = "43 to 128 letters, digits, hyphens, dots, underscores and tildes (RFC 7636 §4.1)"
}

extension JSONFields {
    /// A text that must be there; an empty one where it is not, which is reported.
    fileprivate func required(_ key: String, _ rule: String, where isAllowed: (String) -> Bool) -> String {
        if let text = text(key, rule, where: isAllowed) { return text }
        if value(key) == nil { reportMissing(key) }
        return ""
    }

    /// An authorization code or a state: visible ASCII (RFC 6749, appendices A.5 and A.11).
    fileprivate func code(_ key: String = "code") -> String {
        required(key, "1 to 4096 visible ASCII characters") { text in
            (1...4096).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        }
    }

    /// Where a callback comes; whether it may come there is looked at later.
    fileprivate func redirectURI() -> String {
        required("redirectUri", "an http or https URL") { text in
            (text.hasPrefix("http://") || text.hasPrefix("https://")) && text.utf8.count <= 2048
        }
    }
}

extension HTTPError {
    /// What the API says where nobody was signed in.
    fileprivate init(_ failure: HubSignIn.Failure) {
        switch failure {
        case .redirectRefused:
            self.init([
                JSONFieldProblem(
                    "redirectUri",
                    "must be on a loopback address or at one of the origins in huggingFace.oauth.redirectOrigins"
                )
            ])
        case .unknownState:
            self.init(
                .notFound,
                code: "NOT_FOUND",
                message: "no sign-in is under way with that state: it was used, or is older than ten minutes"
            )
        case .exchange(.refused(let status, let words)):
            self.init(
                .badRequest,
                code: "VALIDATION_ERROR",
                message:
                    "Failed to exchange authorization code: \(status)\(words.isEmpty ? "" : " ")\(words)",
                details: [("hubStatus", .integer(Int64(status)))]
            )
        case .exchange(.hub(let error)): self.init(error, doing: "exchange authorization code")
        case .user(let error): self.init(error, doing: "get user info")
        }
    }

    /// What the Hub's failure to do something is answered with. That the Hub knows no such page, or refuses what it has just given, is
    /// no fault of the caller's.
    private init(_ error: HubError, doing: String) {
        var error = error
        error.message = "Failed to \(doing): \(error.message)"
        switch error.kind {
        case .timeout, .unreachable, .unavailable, .rateLimited, .badAnswer, .tooLarge, .cancelled: break
        case .invalidRequest, .notFound, .unauthorized, .gated, .forbidden: error.kind = .badAnswer
        }
        self.init(error)
    }
}
