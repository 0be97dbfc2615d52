import HTTPServer
import HTTPTypes
import KubernetesModel

/// Finds out who makes a request: by the cluster's own token, or by a service account's.
struct Authentication: Sendable {
    /// The cluster's own token, which may do everything.
    let token: String
    /// Tells whose a service account's token is; nil when it is not valid.
    let serviceAccount: @Sendable (String) -> Caller?

    /// - Throws: 401 without a known token.
    func caller(of request: Request) throws(APIStatus) -> Caller {
        guard let field = request[.authorization], let caller = caller(authorization: field) else {
            throw APIStatus.unauthorized
        }
        return caller
    }

    private func caller(authorization field: String) -> Caller? {
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return caller(token: String(parts[1]))
    }

    /// Whose a token is; nil for nobody's.
    func caller(token given: String) -> Caller? {
        Self.isEqual(given, token) ? .administrator : serviceAccount(given)
    }

    /// Compares in a time that does not tell how much is equal.
    private static func isEqual(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        return zip(left.utf8, right.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
