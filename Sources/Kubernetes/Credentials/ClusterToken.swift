internal import HTTPClient
public import JSON

/// The bearer token that a kubeconfig's user shows to the API server. It shows itself in no description.
public struct ClusterToken: Sendable, CustomStringConvertible, CustomReflectable {
    /// The token.
    public let text: String
    /// When it is no longer good; nil where that is not known.
    public let expiration: Timestamp?

    /// That it is a token.
    public var description: String { "ClusterToken(hidden)" }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension ClusterConfiguration {
    /// The user's token, for which an exec plugin is run where the kubeconfig says so; nil where the user has none but a certificate
    /// or a password.
    ///
    /// - Throws: `KubernetesError.credentials` where the file or the plugin gives none.
    public func token() async throws(KubernetesError) -> ClusterToken? {
        switch authentication {
        case .none, .basic: return nil
        case .token, .tokenFile:
            let credentials = try await CredentialSource(self).current()
            let scheme = "Bearer "
            guard let field = credentials.authorization, field.hasPrefix(scheme) else { return nil }
            return ClusterToken(text: String(field.dropFirst(scheme.count)), expiration: nil)
        case .exec(let plugin):
            let authority = try await CredentialSource(withoutAuthentication).current().tls
                .certificateAuthorities
            let credential = try await plugin.run(for: self, authority: authority)
            return credential.token.map { ClusterToken(text: $0, expiration: credential.expiration) }
        }
    }

    private var withoutAuthentication: ClusterConfiguration {
        var configuration = self
        configuration.authentication = .none
        return configuration
    }
}
