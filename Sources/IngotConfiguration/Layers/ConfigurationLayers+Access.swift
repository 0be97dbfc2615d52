extension ConfigurationLayers {
    /// What is wrong with who may call the API, taken together with where it listens.
    var accessProblems: [ConfigurationProblem] { loopbackProblems + issuerProblems }

    private var loopbackProblems: [ConfigurationProblem] {
        guard let host = entry(.host), case .text(let address) = host.value, !NetworkName.isLoopback(address),
            entry(.authMode)?.value == .text(ServeConfiguration.Auth.Mode.none.rawValue)
        else {
            return []
        }
        let message = """
            found \(address.quotedForMessage), expected a loopback address such as 127.0.0.1 or ::1 while auth.mode is none: \
            everybody who reaches the address could do everything; set auth.mode to token-review or oidc, or put an \
            authenticating reverse proxy on the same machine before it
            """
        let key = ConfigurationKey.host.path
        return [ConfigurationProblem(source: host.source, key: key, message: message, isWellFormed: true)]
    }

    private var issuerProblems: [ConfigurationProblem] {
        guard let mode = entry(.authMode),
            mode.value == .text(ServeConfiguration.Auth.Mode.oidc.rawValue)
        else { return [] }
        var problems: [ConfigurationProblem] = []
        if case .text(let issuer)? = entry(.oidcIssuer)?.value, !Self.isIssuer(issuer) {
            problems.append(
                ConfigurationProblem(
                    source: entry(.oidcIssuer)?.source ?? .standard,
                    key: ConfigurationKey.oidcIssuer.path,
                    message:
                        "found \(issuer.quotedForMessage), expected with auth.mode oidc the https URL of an "
                        + "issuer, or an http URL with a loopback address"
                )
            )
        }
        if entry(.authAudiences)?.value == .list([]) {
            problems.append(
                ConfigurationProblem(
                    source: entry(.authAudiences)?.source ?? .standard,
                    key: ConfigurationKey.authAudiences.path,
                    message:
                        "found an empty list, expected with auth.mode oidc at least one audience: tokens that the "
                        + "issuer made for other programs would be taken otherwise"
                )
            )
        }
        return problems
    }

    /// An issuer is an https URL without query and fragment (OpenID Connect Discovery §4.1). http is for one on this machine.
    private static func isIssuer(_ text: String) -> Bool {
        guard NetworkName.isBaseURL(text) else { return false }
        if text.hasPrefix("https://") { return true }
        let authority = text.dropFirst("http://".count).prefix { $0 != "/" }
        let host =
            authority.hasPrefix("[")
            ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        return NetworkName.isLoopback(String(host))
    }
}
