import HTTPClient
import Identity
import JSON

extension ServerConnection {
    /// Whether what is sent cannot be read on its way: the server is on this machine, or spoken to with TLS.
    var isPrivate: Bool {
        if address.hasPrefix("https://") { return true }
        let authority = address.dropFirst("http://".count).prefix { $0 != "/" }
        let host =
            authority.hasPrefix("[")
            ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        return host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }

    /// The token for the server: that of the environment, or else the one that was kept for it.
    ///
    /// - Throws: what ends the program when there is a token that cannot be used.
    static func token(for address: String, environment: [String: String]) throws -> String? {
        if let text = environment["INGOT_TOKEN"], !text.isEmpty {
            guard BearerToken(text) != nil else {
                throw ExitStatus.usage.failure("INGOT_TOKEN: not a token")
            }
            return text
        }
        guard let saved = SavedTokens(environment: environment) else { return nil }
        do throws(SavedTokens.Failure) {
            guard let entry = try saved.entry(for: address) else { return nil }
            if let expiration = entry.expiration, expiration <= .now() {
                throw SavedTokens.Failure(
                    description: "the token for \(address) has expired; get another with `ingot login`"
                )
            }
            return entry.token
        } catch {
            throw ExitStatus.noPermission.failure("\(error)")
        }
    }
}
