/// Reads causes out of what kubelets, controllers and operators write.
enum MessageCause {
    /// Why an image could not be loaded (containerd, CRI-O and the registries' own words).
    static func image(_ message: String) -> DiagnosisCode {
        let text = message.lowercased()
        func has(_ words: String...) -> Bool { words.contains(where: text.contains) }
        if has("toomanyrequests", "rate limit", "429 too many requests") { return .imagePullFailed }
        if has("no space left on device") { return .diskFull }
        if has("is not on this machine", "no command is configured on this machine") {
            return .programMissing
        }
        if has(
            "pull access denied",
            "unauthorized",
            "authentication required",
            "no basic auth credentials",
            "403 forbidden",
            "denied:",
            "insufficient_scope",
            "failed to authorize"
        ) {
            return .imagePullAuth
        }
        if has(
            "not found",
            "manifest unknown",
            "name unknown",
            "no match for platform",
            "couldn't parse image",
            "invalid reference format",
            "is not present with pull policy of never"
        ) {
            return .imageNotFound
        }
        return .imagePullFailed
    }

    /// Why a container could not be made.
    ///
    /// - Parameter tokenSecret: the secret with the Hub's token.
    static func container(_ message: String, tokenSecret: String?) -> DiagnosisCode {
        let text = message.lowercased()
        let isAboutToken =
            text.contains("key hf_token in secret")
            || tokenSecret.map { text.contains("secret \"\($0.lowercased())\" not found") } ?? false
        if isAboutToken { return .tokenMissing }
        if text.contains("executable file not found") || text.contains("no such file or directory") {
            return .badArgument
        }
        return of(message) ?? .configMissing
    }

    /// Why objects were not made.
    static func creation(_ message: String) -> DiagnosisCode? {
        let text = message.lowercased()
        if text.contains("exceeded quota") || text.contains("failed quota") { return .quotaExceeded }
        if text.contains("admission webhook") || text.contains("denied the request")
            || text.contains("violates podsecurity") || text.contains("is forbidden")
            || text.contains("unable to validate against any security context constraint")
            || text.contains("is invalid:")
        {
            return .admissionRefused
        }
        return nil
    }

    /// The cause that a text tells as an engine would; nil for none.
    static func of(_ message: String) -> DiagnosisCode? {
        let text = LogText(message)
        return LogPattern.all.first { $0.matches(text) }?.code
    }
}
