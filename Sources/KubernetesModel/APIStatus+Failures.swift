/// The failures that an API server reports, in its words: clients match some of them.
extension APIStatus {
    /// 404: no object with that name.
    public static func notFound(_ resource: GroupResource, _ name: String) -> APIStatus {
        APIStatus(
            code: 404,
            reason: .notFound,
            message: "\(resource) \"\(name)\" not found",
            name: name,
            group: resource.group,
            kind: resource.resource
        )
    }

    /// 404: no such path.
    public static let noSuchPath = APIStatus(
        code: 404,
        reason: .notFound,
        message: "the server could not find the requested resource"
    )

    /// 409: an object with that name exists.
    public static func alreadyExists(_ resource: GroupResource, _ name: String) -> APIStatus {
        APIStatus(
            code: 409,
            reason: .alreadyExists,
            message: "\(resource) \"\(name)\" already exists",
            name: name,
            group: resource.group,
            kind: resource.resource
        )
    }

    /// 409: the operation does not fit the object's present state.
    public static func conflict(_ resource: GroupResource, _ name: String, _ why: String) -> APIStatus {
        APIStatus(
            code: 409,
            reason: .conflict,
            message: "Operation cannot be fulfilled on \(resource) \"\(name)\": \(why)",
            name: name,
            group: resource.group,
            kind: resource.resource
        )
    }

    /// 409: the object has another resource version than the request's.
    public static func staleObject(_ resource: GroupResource, _ name: String) -> APIStatus {
        conflict(
            resource,
            name,
            "the object has been modified; please apply your changes to the latest version and try again"
        )
    }

    /// 422: the object breaks rules.
    public static func invalid(_ kind: GroupVersionKind, _ name: String, _ causes: [Cause]) -> APIStatus {
        let type = kind.group.isEmpty ? kind.kind : "\(kind.kind).\(kind.group)"
        let particulars = causes.map { $0.field.isEmpty ? $0.message : "\($0.field): \($0.message)" }
        let text =
            particulars.count == 1 ? particulars[0] : "[\(particulars.joined(separator: ", "))]"
        return APIStatus(
            code: 422,
            reason: .invalid,
            message: "\(type) \"\(name)\" is invalid: \(text)",
            name: name,
            group: kind.group,
            kind: kind.kind,
            causes: causes
        )
    }

    /// 400: the request cannot be understood.
    public static func badRequest(_ message: String) -> APIStatus {
        APIStatus(code: 400, reason: .badRequest, message: message)
    }

    /// 403: the operation is refused.
    public static func forbidden(_ resource: GroupResource, _ name: String, _ why: String) -> APIStatus {
        APIStatus(
            code: 403,
            reason: .forbidden,
            message: name.isEmpty
                ? "\(resource) is forbidden: \(why)" : "\(resource) \"\(name)\" is forbidden: \(why)",
            name: name.isEmpty ? nil : name,
            group: resource.group,
            kind: resource.resource
        )
    }

    /// 401: the caller is not known.
    public static let unauthorized = APIStatus(code: 401, reason: .unauthorized, message: "Unauthorized")

    /// 405: the resource does not take the method.
    public static let methodNotAllowed = APIStatus(
        code: 405,
        reason: .methodNotAllowed,
        message: "the server does not allow this method on the requested resource"
    )

    /// 410: events since that resource version are no longer kept.
    public static func resourceVersionTooOld(_ requested: UInt64, oldest: UInt64) -> APIStatus {
        APIStatus(
            code: 410,
            reason: .expired,
            message: "too old resource version: \(requested) (\(oldest))"
        )
    }

    /// 504: the state is not yet what is asked for (k8s.io/apiserver/pkg/storage, NewTooLargeResourceVersionError).
    public static func resourceVersionTooLarge(_ requested: UInt64, current: UInt64) -> APIStatus {
        APIStatus(
            code: 504,
            reason: .timeout,
            message: "Timeout: Too large resource version: \(requested), current: \(current)",
            causes: [
                .init(reason: "ResourceVersionTooLarge", message: "Too large resource version", field: "")
            ],
            retryAfterSeconds: 1
        )
    }

    /// 415: the body's media type is not taken.
    public static func unsupportedMediaType(_ found: String, accepted: [String]) -> APIStatus {
        APIStatus(
            code: 415,
            reason: .unsupportedMediaType,
            message: "the body of the request was in an unknown format - accepted media types include: "
                + accepted.joined(separator: ", ") + "; it was \(found.isEmpty ? "not named" : found)"
        )
    }

    /// 500: something went wrong inside the server.
    public static func internalError(_ message: String) -> APIStatus {
        APIStatus(code: 500, reason: .internalError, message: "Internal error occurred: \(message)")
    }
}
