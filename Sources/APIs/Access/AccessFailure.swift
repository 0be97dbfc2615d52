import HTTPServer
import HTTPTypes
import Identity
import JSON

/// The answers to those who may not call a route (RFC 6750 §3).
enum AccessFailure {
    private static let realm = "Bearer realm=\"ingot\""

    /// 401: the request has no token.
    static let noToken = HTTPError(
        .unauthorized,
        code: "UNAUTHORIZED",
        message: "this needs a token in the field Authorization: Bearer …; `ingot login` gets one",
        fields: [HTTPField(name: .wwwAuthenticate, value: realm)]
    )

    /// Why it is not known who makes a request.
    static func unknown(_ failure: IdentityFailure) -> HTTPError {
        switch failure {
        case .invalidToken(let reason):
            HTTPError(
                .unauthorized,
                code: "UNAUTHORIZED",
                message: "the token is not accepted: \(reason)",
                fields: [
                    HTTPField(
                        name: .wwwAuthenticate,
                        value: "\(realm), error=\"invalid_token\", error_description=\"\(quotable(reason))\""
                    )
                ]
            )
        case .unavailable(let reason):
            HTTPError(
                .serviceUnavailable,
                code: "AUTH_UNAVAILABLE",
                message: "who may do this cannot be found out: \(reason)",
                fields: [HTTPField(name: .retryAfter, value: "2")]
            )
        }
    }

    /// 403: the cluster does not let the user do what the route stands for.
    static func forbidden(_ permission: Permission, _ user: String, _ reason: String) -> HTTPError {
        let why = reason.isEmpty ? "" : ": \(reason)"
        return HTTPError(
            .forbidden,
            code: "FORBIDDEN",
            message: "the cluster does not let \(user) \(permission)\(why)",
            details: [("permission", .string(permission.description)), ("user", .string(user))],
            fields: [insufficientScope]
        )
    }

    /// 403: the user has not the role that the route is for.
    static func forbidden(_ access: Route.Access, _ user: String, has role: Role?) -> HTTPError {
        HTTPError(
            .forbidden,
            code: "FORBIDDEN",
            message: "this is for the role \(access.rawValue); \(user) has "
                + (role.map { "the role \($0.rawValue)" } ?? "no role"),
            details: [("permission", .string(access.rawValue)), ("user", .string(user))],
            fields: [insufficientScope]
        )
    }

    private static let insufficientScope = HTTPField(
        name: .wwwAuthenticate,
        value: "\(realm), error=\"insufficient_scope\""
    )

    /// The text as it may stand in a quoted string of RFC 6750 §3: visible ASCII without quotes.
    private static func quotable(_ text: String) -> String {
        String(
            decoding: text.utf8.map { byte in
                (0x20...0x7E).contains(byte) && byte != 0x22 && byte != 0x5C ? byte : 0x3F
            },
            as: UTF8.self
        )
    }
}
