internal import HTTPTypes
internal import JSON
public import KubernetesModel

/// Who a token belongs to.
public struct ReviewedUser: Sendable, Hashable {
    /// The name.
    public var username: String
    /// The UID; empty when there is none.
    public var uid: String
    /// The groups.
    public var groups: [String]
    /// What else the cluster's authenticator says, such as the pod of a service account's token; its authorizers may heed it.
    public var extra: [String: [String]]

    /// A user.
    public init(
        username: String,
        uid: String = "",
        groups: [String] = [],
        extra: [String: [String]] = [:]
    ) {
        self.username = username
        self.uid = uid
        self.groups = groups
        self.extra = extra
    }

    /// As the specification of a SubjectAccessReview has it.
    fileprivate var subject: JSONValue {
        var subject: JSONValue = [
            "user": .string(username), "groups": .array(groups.map { .string($0) }),
        ]
        if !uid.isEmpty { subject["uid"] = .string(uid) }
        if !extra.isEmpty {
            var members = JSONMembers()
            for (key, values) in extra.sorted(by: { $0.key < $1.key }) {
                members[key] = .array(values.map { .string($0) })
            }
            subject["extra"] = .object(members)
        }
        return subject
    }
}

/// Something that somebody may do, or not.
public struct AccessRequest: Sendable, Hashable {
    /// The verb, such as `list`.
    public var verb: String
    /// The resource; `*` stands for all.
    public var resource: GroupVersionResource
    /// The subresource; nil for the object itself.
    public var subresource: String?
    /// The namespace; nil for all of them, or where the resource has none.
    public var namespace: String?
    /// The object; nil for all of them.
    public var name: String?

    /// A question about one verb.
    public init(
        _ verb: String,
        _ resource: GroupVersionResource,
        subresource: String? = nil,
        namespace: String? = nil,
        name: String? = nil
    ) {
        self.verb = verb
        self.resource = resource
        self.subresource = subresource
        self.namespace = namespace
        self.name = name
    }

    fileprivate var attributes: JSONValue {
        var attributes: JSONValue = [
            "verb": .string(verb), "group": .string(resource.group), "version": .string(resource.version),
            "resource": .string(resource.resource),
        ]
        if let subresource { attributes["subresource"] = .string(subresource) }
        if let namespace { attributes["namespace"] = .string(namespace) }
        if let name { attributes["name"] = .string(name) }
        return attributes
    }
}

/// What the API server decides about a request.
public struct AccessDecision: Sendable, Hashable {
    /// Whether it may be done.
    public var isAllowed: Bool
    /// Why, for people; empty when the server does not say.
    public var reason: String

    /// A decision.
    public init(isAllowed: Bool, reason: String = "") {
        self.isAllowed = isAllowed
        self.reason = reason
    }
}

extension KubernetesClient {
    /// Asks whose token this is (TokenReview); nil when it is nobody's, or not for the audiences.
    ///
    /// An API server that does not know audiences lets them out of its answer, which then is about a token for the API server
    /// itself (authentication.k8s.io/v1 TokenReviewStatus). Such a token is not for the audiences.
    ///
    /// - Parameter audiences: whom the token must be for, one of them; none for the API server.
    public func review(
        token: String,
        audiences: [String] = []
    ) async throws(KubernetesError) -> ReviewedUser? {
        var spec: JSONValue = ["token": .string(token)]
        if !audiences.isEmpty { spec["audiences"] = .array(audiences.map { .string($0) }) }
        let status = try await review("TokenReview", group: "authentication.k8s.io", "tokenreviews", spec)
        guard status["authenticated"]?.boolValue == true else { return nil }
        if !audiences.isEmpty {
            let confirmed = (status["audiences"]?.arrayValue ?? []).compactMap(\.stringValue)
            guard confirmed.contains(where: audiences.contains) else { return nil }
        }
        // Whoever has no name can be asked about nobody's permissions.
        guard let user = status["user"], let name = user["username"]?.stringValue, !name.isEmpty else {
            throw .decoding("the answer to a TokenReview does not name the user")
        }
        var extra: [String: [String]] = [:]
        for member in user["extra"]?.objectValue ?? JSONMembers() {
            extra[member.key] = (member.value.arrayValue ?? []).compactMap(\.stringValue)
        }
        return ReviewedUser(
            username: name,
            uid: user["uid"]?.stringValue ?? "",
            groups: (user["groups"]?.arrayValue ?? []).compactMap(\.stringValue),
            extra: extra
        )
    }

    /// Asks whether somebody may do something (SubjectAccessReview).
    public func mayAccess(
        _ user: String,
        groups: [String] = [],
        _ request: AccessRequest
    ) async throws(KubernetesError) -> AccessDecision {
        try await mayAccess(ReviewedUser(username: user, groups: groups), request)
    }

    /// Asks whether somebody may do something (SubjectAccessReview).
    public func mayAccess(
        _ user: ReviewedUser,
        _ request: AccessRequest
    ) async throws(KubernetesError) -> AccessDecision {
        var spec = user.subject
        spec["resourceAttributes"] = request.attributes
        return try await decide("SubjectAccessReview", "subjectaccessreviews", spec)
    }

    /// Asks whether somebody may ask a path that is no resource's (SubjectAccessReview).
    ///
    /// - Parameter verb: the method in lower case, such as `get`.
    public func mayAccess(
        _ user: ReviewedUser,
        _ verb: String,
        path: String
    ) async throws(KubernetesError) -> AccessDecision {
        var spec = user.subject
        spec["nonResourceAttributes"] = ["verb": .string(verb), "path": .string(path)]
        return try await decide("SubjectAccessReview", "subjectaccessreviews", spec)
    }

    /// Asks whether this client may do something (SelfSubjectAccessReview).
    public func mayAccess(_ request: AccessRequest) async throws(KubernetesError) -> AccessDecision {
        try await decide(
            "SelfSubjectAccessReview",
            "selfsubjectaccessreviews",
            ["resourceAttributes": request.attributes]
        )
    }

    private func decide(
        _ kind: String,
        _ plural: String,
        _ spec: JSONValue
    ) async throws(KubernetesError) -> AccessDecision {
        let status = try await review(kind, group: "authorization.k8s.io", plural, spec)
        guard let isAllowed = status["allowed"]?.boolValue else {
            throw .decoding("the answer to a \(kind) does not say whether it is allowed")
        }
        let isDenied = status["denied"]?.boolValue == true
        return AccessDecision(isAllowed: isAllowed && !isDenied, reason: status["reason"]?.stringValue ?? "")
    }

    private func review(
        _ kind: String,
        group: String,
        _ plural: String,
        _ spec: JSONValue
    ) async throws(KubernetesError) -> JSONValue {
        let resource = GroupVersionResource(group: group, version: "v1", resource: plural)
        let object: JSONValue = [
            "apiVersion": .string(resource.groupVersion.apiVersion), "kind": .string(kind), "metadata": [:],
            "spec": spec,
        ]
        let answer = try await create(resource, object)
        guard let status = answer["status"], status.objectValue != nil else {
            throw .decoding("the answer to a \(kind) has no status")
        }
        return status
    }
}
