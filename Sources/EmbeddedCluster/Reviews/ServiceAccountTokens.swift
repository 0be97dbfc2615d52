import Crypto
import JSON
import KubernetesModel

/// Issues and checks the tokens of service accounts: JSON web tokens (RFC 7519) signed with HMAC-SHA256, with the claims that
/// Kubernetes puts into bound tokens.
struct ServiceAccountTokens: Sendable {
    static let issuer = "https://kubernetes.default.svc.cluster.local"

    /// What a token was issued for.
    struct Grant: Sendable {
        let caller: Caller
        let audiences: [String]
    }

    let key: [UInt8]
    let api: ClusterAPI

    /// A token for a service account, and when it ends.
    func issue(
        for account: KubernetesObject,
        audiences: [String],
        seconds: Int64,
        boundTo object: JSONValue?
    ) -> (token: String, expiration: Timestamp) {
        let now = api.now()
        let end = Timestamp(secondsSinceEpoch: now.secondsSinceEpoch + seconds)
        var kubernetes: JSONValue = [
            "namespace": .string(account.namespace),
            "serviceaccount": ["name": .string(account.name), "uid": .string(account.uid)],
        ]
        if let object, let kind = object["kind"]?.stringValue {
            kubernetes[kind.lowercased()] = ["name": object["name"] ?? "", "uid": object["uid"] ?? ""]
        }
        let claims: JSONValue = [
            "iss": .string(Self.issuer), "sub": .string(Self.subject(account.namespace, account.name)),
            "aud": .array(audiences.map(JSONValue.string)), "iat": .integer(now.secondsSinceEpoch),
            "nbf": .integer(now.secondsSinceEpoch), "exp": .integer(end.secondsSinceEpoch),
            "jti": .string(UUIDText.random()), "kubernetes.io": kubernetes,
        ]
        let header: JSONValue = ["alg": "HS256", "typ": "JWT"]
        let content = Base64.urlText(of: header.encoded()) + "." + Base64.urlText(of: claims.encoded())
        return (content + "." + Base64.urlText(of: signature(content)), end)
    }

    private func signature(_ content: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(content.utf8), using: SymmetricKey(data: key)))
    }

    private static func subject(_ namespace: String, _ name: String) -> String {
        "system:serviceaccount:\(namespace):\(name)"
    }

    /// Whose a token is and for whom; nil when it is not ours, has ended, or its account is gone.
    func grant(_ token: String) -> Grant? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let given = Base64.bytes(ofURLText: String(parts[2])),
            HMAC<SHA256>.isValidAuthenticationCode(
                given,
                authenticating: Array("\(parts[0]).\(parts[1])".utf8),
                using: SymmetricKey(data: key)
            ),
            let bytes = Base64.bytes(ofURLText: String(parts[1])),
            let claims = try? JSONValue(parsing: bytes),
            let end = claims["exp"]?.integerValue, end > api.now().secondsSinceEpoch,
            let namespace = claims["kubernetes.io"]?["namespace"]?.stringValue,
            let name = claims["kubernetes.io"]?["serviceaccount"]?["name"]?.stringValue,
            let uid = claims["kubernetes.io"]?["serviceaccount"]?["uid"]?.stringValue,
            api.get(.serviceAccounts, ObjectKey(namespace: namespace, name: name))?.uid == uid
        else { return nil }
        let groups = [
            "system:serviceaccounts", "system:serviceaccounts:\(namespace)", "system:authenticated",
        ]
        return Grant(
            caller: Caller(name: Self.subject(namespace, name), groups: groups, uid: uid),
            audiences: (claims["aud"]?.arrayValue ?? []).compactMap(\.stringValue)
        )
    }
}
