public import JSON

/// The API server's account of a failure: the `Status` object of meta/v1 that every unsuccessful answer carries.
public struct APIStatus: Error, Sendable, Hashable {
    /// Why a request failed, for programs. Upstream adds reasons from time to time, so this is open.
    public struct Reason: RawRepresentable, Sendable, Hashable {
        /// The word on the wire.
        public let rawValue: String

        /// A reason by its word.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The reason is not known.
        public static let unknown = Reason(rawValue: "")
        /// The caller is not known.
        public static let unauthorized = Reason(rawValue: "Unauthorized")
        /// The caller may not do this.
        public static let forbidden = Reason(rawValue: "Forbidden")
        /// There is no such object or resource.
        public static let notFound = Reason(rawValue: "NotFound")
        /// There is such an object already.
        public static let alreadyExists = Reason(rawValue: "AlreadyExists")
        /// The object has changed, or a field belongs to another manager.
        public static let conflict = Reason(rawValue: "Conflict")
        /// The resource version is too old for a watch.
        public static let gone = Reason(rawValue: "Gone")
        /// The object breaks rules.
        public static let invalid = Reason(rawValue: "Invalid")
        /// The operation did not finish in time; try again.
        public static let serverTimeout = Reason(rawValue: "ServerTimeout")
        /// The request took too long.
        public static let timeout = Reason(rawValue: "Timeout")
        /// The client must slow down.
        public static let tooManyRequests = Reason(rawValue: "TooManyRequests")
        /// The request cannot be understood.
        public static let badRequest = Reason(rawValue: "BadRequest")
        /// The resource does not take this method.
        public static let methodNotAllowed = Reason(rawValue: "MethodNotAllowed")
        /// None of the accepted media types is served.
        public static let notAcceptable = Reason(rawValue: "NotAcceptable")
        /// The body is larger than is taken.
        public static let requestEntityTooLarge = Reason(rawValue: "RequestEntityTooLarge")
        /// The body's media type is not taken.
        public static let unsupportedMediaType = Reason(rawValue: "UnsupportedMediaType")
        /// Something went wrong inside the server.
        public static let internalError = Reason(rawValue: "InternalError")
        /// The resource version or the continue token is too old.
        public static let expired = Reason(rawValue: "Expired")
        /// The server cannot be reached just now.
        public static let serviceUnavailable = Reason(rawValue: "ServiceUnavailable")
    }

    /// One particular cause, most often one field.
    public struct Cause: Sendable, Hashable {
        /// The kind of cause, such as `FieldValueRequired`.
        public var reason: String
        /// What is wrong, for people.
        public var message: String
        /// The field's path, such as `spec.containers[0].name`.
        public var field: String

        /// A cause.
        public init(reason: String, message: String, field: String) {
            self.reason = reason
            self.message = message
            self.field = field
        }
    }

    /// The HTTP status code.
    public var code: Int
    /// Why, for programs.
    public var reason: Reason
    /// What is wrong, for people.
    public var message: String
    /// The name of the object that the request was about.
    public var name: String?
    /// The API group of the object that the request was about.
    public var group: String?
    /// The resource, or for validation errors the kind, that the request was about.
    public var kind: String?
    /// The UID of the object that the request was about.
    public var uid: String?
    /// The causes, one by one.
    public var causes: [Cause]
    /// How long to wait before another attempt, seconds.
    public var retryAfterSeconds: Int?

    /// An account of a failure.
    public init(
        code: Int,
        reason: Reason,
        message: String,
        name: String? = nil,
        group: String? = nil,
        kind: String? = nil,
        uid: String? = nil,
        causes: [Cause] = [],
        retryAfterSeconds: Int? = nil
    ) {
        self.code = code
        self.reason = reason
        self.message = message
        self.name = name
        self.group = group
        self.kind = kind
        self.uid = uid
        self.causes = causes
        self.retryAfterSeconds = retryAfterSeconds
    }
}

extension APIStatus: CustomStringConvertible {
    /// What is wrong, for people.
    public var description: String { message }
}

// MARK: On the wire

extension APIStatus: JSONEncodable {
    /// A `Status` object.
    public static var jsonSchema: JSONSchema { .any }

    /// Writes the `Status` object.
    public func encode(to writer: inout JSONWriter) {
        json.encode(to: &writer)
    }

    /// The `Status` object.
    public var json: JSONValue {
        var details = JSONMembers()
        if let name { details["name"] = .string(name) }
        if let group, !group.isEmpty { details["group"] = .string(group) }
        if let kind { details["kind"] = .string(kind) }
        if let uid { details["uid"] = .string(uid) }
        if !causes.isEmpty {
            details["causes"] = .array(
                causes.map { cause in
                    var members = JSONMembers()
                    members["reason"] = .string(cause.reason)
                    members["message"] = .string(cause.message)
                    if !cause.field.isEmpty { members["field"] = .string(cause.field) }
                    return .object(members)
                }
            )
        }
        if let retryAfterSeconds { details["retryAfterSeconds"] = .integer(Int64(retryAfterSeconds)) }
        var status: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure",
            "message": .string(message),
        ]
        if reason != .unknown { status["reason"] = .string(reason.rawValue) }
        if !details.isEmpty { status["details"] = .object(details) }
        status["code"] = .integer(Int64(code))
        return status
    }

    /// Reads a `Status` object that tells of a failure; nil for anything else.
    public init?(json: JSONValue) {
        guard json["kind"]?.stringValue == "Status", json["status"]?.stringValue != "Success" else {
            return nil
        }
        let details = json["details"]
        self.init(
            code: Int(clamping: json["code"]?.integerValue ?? 500),
            reason: Reason(rawValue: json["reason"]?.stringValue ?? ""),
            message: json["message"]?.stringValue ?? "",
            name: details?["name"]?.stringValue,
            group: details?["group"]?.stringValue,
            kind: details?["kind"]?.stringValue,
            uid: details?["uid"]?.stringValue,
            causes: (details?["causes"]?.arrayValue ?? []).map { cause in
                Cause(
                    reason: cause["reason"]?.stringValue ?? "",
                    message: cause["message"]?.stringValue ?? "",
                    field: cause["field"]?.stringValue ?? ""
                )
            },
            retryAfterSeconds: details?["retryAfterSeconds"]?.integerValue.map { Int(clamping: $0) }
        )
    }
}
