/// Why it is not known who somebody is, or what they may do.
public enum IdentityFailure: Error, Sendable, Hashable {
    /// The token is nobody's; why, for people. It says nothing of the token's text.
    case invalidToken(String)
    /// What decides cannot be asked just now; why, for people.
    case unavailable(String)
}
