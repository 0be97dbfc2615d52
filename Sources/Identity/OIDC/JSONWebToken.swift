internal import JSON

/// A signed JSON web token in its compact form (RFC 7515 §7.1, RFC 7519): three parts in base64url. Nothing of it is believed until
/// its signature has been checked.
struct JSONWebToken: Sendable {
    /// How it says that it is signed.
    let algorithm: String
    /// Which of the issuer's keys it says that it is signed with.
    let keyID: String?
    let claims: JSONValue
    /// What the signature is of: the first two parts with the dot between them.
    let signed: [UInt8]
    let signature: [UInt8]

    /// The most bytes that a token may have.
    private static let longest = 32 * 1024

    /// Reads a token.
    init(_ text: String) throws(IdentityFailure) {
        let malformed = IdentityFailure.invalidToken("the token is no signed JSON web token")
        guard text.utf8.count <= Self.longest else { throw malformed }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]), let claims = Self.object(parts[1]),
            let signature = Base64.bytes(ofURLText: String(parts[2])),
            let algorithm = header["alg"]?.stringValue
        else { throw malformed }
        // RFC 7515 §4.1.11: what a token calls critical must be understood, and nothing that may stand there is.
        guard header["crit"] == nil else {
            throw .invalidToken("the token has a critical header that is not understood")
        }
        self.algorithm = algorithm
        self.keyID = header["kid"]?.stringValue
        self.claims = claims
        self.signature = signature
        signed = Array("\(parts[0]).\(parts[1])".utf8)
    }

    private static func object(_ part: Substring) -> JSONValue? {
        guard let bytes = Base64.bytes(ofURLText: String(part)), let value = try? JSONValue(parsing: bytes),
            value.objectValue != nil
        else { return nil }
        return value
    }
}
