import HTTPServer
import HTTPTypes
import JSON
import KubernetesModel

/// Answers the objects that are questions: whose a token is, and who may do what.
///
/// Access rules are not enforced on requests to this cluster itself, so a caller who asks about itself may do everything, and the
/// answer says so. What a caller asks about others is decided by the roles and bindings, for programs that let their users do only
/// what the cluster lets them do.
struct ReviewHandler: Sendable {
    private static let allowedReason = "the embedded cluster stores access rules and does not enforce them"

    let api: ClusterAPI
    let authentication: Authentication
    let tokens: ServiceAccountTokens

    func answer(_ request: ResourceRequest) throws(APIStatus) -> Response {
        let review = try RequestBody.object(request.request)
        var answer = review.json
        answer["apiVersion"] = .string(request.definition.groupVersion.apiVersion)
        answer["kind"] = .string(request.definition.kind)
        if answer["metadata"] == nil { answer["metadata"] = [:] }
        switch request.definition.plural {
        case "tokenreviews": answer["status"] = try tokenStatus(review)
        case "selfsubjectreviews":
            answer["status"] = ["userInfo": userInfo(request.caller)]
        case "selfsubjectrulesreviews":
            let rule: JSONValue = ["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]]
            answer["status"] = [
                "resourceRules": [rule], "nonResourceRules": [["verbs": ["*"], "nonResourceURLs": ["*"]]],
                "incomplete": false,
            ]
        default:
            answer["status"] = try accessStatus(review, request)
        }
        return Response(status: .init(code: 201), json: answer)
    }

    private func userInfo(_ caller: Caller) -> JSONValue {
        var info: JSONValue = [
            "username": .string(caller.name), "groups": .array(caller.groups.map(JSONValue.string)),
        ]
        if !caller.uid.isEmpty { info["uid"] = .string(caller.uid) }
        return info
    }

    private func tokenStatus(_ review: KubernetesObject) throws(APIStatus) -> JSONValue {
        guard let token = review.spec["token"]?.stringValue, !token.isEmpty else {
            throw Self.required("spec.token", review)
        }
        let wanted = (review.spec["audiences"]?.arrayValue ?? []).compactMap(\.stringValue)
        let grant = tokens.grant(token)
        guard let caller = grant?.caller ?? authentication.caller(token: token) else {
            return ["authenticated": false, "error": "the token is not known, or no longer valid"]
        }
        let audiences = grant?.audiences ?? [ServiceAccountTokens.issuer]
        let common = wanted.isEmpty ? audiences : wanted.filter(audiences.contains)
        guard !common.isEmpty else {
            return [
                "authenticated": false,
                "error": .string(
                    "token audiences \(audiences) is invalid for the target audiences \(wanted)"
                ),
            ]
        }
        return [
            "authenticated": true, "user": userInfo(caller),
            "audiences": .array(common.map(JSONValue.string)),
        ]
    }

    private func accessStatus(
        _ review: KubernetesObject,
        _ request: ResourceRequest
    ) throws(APIStatus) -> JSONValue {
        let spec = review.spec
        guard let question = AccessQuestion(spec: spec) else {
            throw Self.required("spec.resourceAttributes", review)
        }
        if request.definition.plural.hasPrefix("self") {
            return ["allowed": true, "reason": .string(Self.allowedReason)]
        }
        guard spec["user"] != nil || spec["groups"] != nil else { throw Self.required("spec.user", review) }
        guard let reason = RoleAuthorizer(api: api).reason(question) else { return ["allowed": false] }
        return ["allowed": true, "reason": .string(reason)]
    }

    private static func required(_ field: String, _ review: KubernetesObject) -> APIStatus {
        APIStatus.invalid(
            review.type ?? GroupVersionKind(version: "v1", kind: review.kind),
            review.name,
            [.init(reason: "FieldValueRequired", message: "Required value", field: field)]
        )
    }

    // MARK: Tokens

    /// How long a token may be valid, seconds: TokenRequest allows no less than ten minutes.
    private static let lifetimes: ClosedRange<Int64> = 600...(1 << 32)

    /// Answers the `token` subresource of a service account (authentication.k8s.io/v1 TokenRequest).
    func token(_ request: ResourceRequest) throws(APIStatus) -> Response {
        guard let account = api.get(.serviceAccounts, request.key) else {
            throw APIStatus.notFound(.serviceAccounts, request.key.name)
        }
        var answer = try RequestBody.object(request.request)
        let seconds = answer.spec["expirationSeconds"]?.integerValue ?? 3600
        guard Self.lifetimes.contains(seconds) else {
            throw APIStatus.invalid(
                GroupVersionKind(group: "authentication.k8s.io", version: "v1", kind: "TokenRequest"),
                account.name,
                [
                    .init(
                        reason: "FieldValueInvalid",
                        message:
                            "Invalid value: \(seconds): may not specify a duration less than 10 minutes or more than 2^32 seconds",
                        field: "spec.expirationSeconds"
                    )
                ]
            )
        }
        var audiences = (answer.spec["audiences"]?.arrayValue ?? []).compactMap(\.stringValue)
        if audiences.isEmpty { audiences = [ServiceAccountTokens.issuer] }
        let (token, end) = tokens.issue(
            for: account,
            audiences: audiences,
            seconds: seconds,
            boundTo: answer.spec["boundObjectRef"]
        )
        answer.json["apiVersion"] = "authentication.k8s.io/v1"
        answer.json["kind"] = "TokenRequest"
        answer.name = account.name
        answer.namespace = account.namespace
        answer.json[at: "metadata", "creationTimestamp"] = .string(api.now().kubernetesTime)
        answer.json[at: "spec", "audiences"] = .array(audiences.map(JSONValue.string))
        answer.json[at: "spec", "expirationSeconds"] = .integer(seconds)
        answer.status = ["token": .string(token), "expirationTimestamp": .string(end.kubernetesTime)]
        return Response(status: .init(code: 201), json: answer.json)
    }
}
