/// A certificate with its private key, both in PEM.
public struct TLSIdentity: Sendable, Hashable {
    /// The certificate, then those that lead to the authority.
    public let certificates: [UInt8]
    /// The private key of the first certificate, PKCS #8.
    public let key: [UInt8]

    /// A certificate with its key.
    public init(certificates: [UInt8], key: [UInt8]) {
        self.certificates = certificates
        self.key = key
    }

    /// Whom the first certificate names.
    ///
    /// - Throws: `CertificateFailure` when it cannot be read.
    public func subject() throws(CertificateFailure) -> CertificateSubject {
        try Certificate(pem: certificates).subject
    }

    /// Until when the first certificate is valid, in seconds of the Unix epoch.
    ///
    /// - Throws: `CertificateFailure` when it cannot be read.
    public func expiry() throws(CertificateFailure) -> Int {
        guard let seconds = try Certificate(pem: certificates).notAfter else {
            throw CertificateFailure("the certificate's end cannot be read")
        }
        return seconds
    }
}

/// Whom a certificate names (RFC 5280 §4.1.2.6). To Kubernetes the common name of a client is the user, the organizations are
/// the user's groups.
public struct CertificateSubject: Sendable, Hashable {
    /// CN, up to 64 characters.
    public var commonName: String?
    /// O, up to 64 characters each.
    public var organizations: [String]

    /// A subject with these names.
    public init(commonName: String?, organizations: [String] = []) {
        self.commonName = commonName
        self.organizations = organizations
    }
}
