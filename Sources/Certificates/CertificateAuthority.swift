internal import COpenSSL

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
}

/// A self-signed authority that issues certificates for servers of its own making (RFC 5280).
public struct CertificateAuthority: Sendable {
    /// What a server is reached by.
    public enum Name: Sendable, Hashable {
        /// A DNS name.
        case dns(String)
        /// An IP address.
        case ip(String)

        fileprivate var text: String {
            switch self {
            case .dns(let name): "DNS:\(name)"
            case .ip(let address): "IP:\(address)"
            }
        }
    }

    /// The authority's certificate and key.
    public let identity: TLSIdentity

    /// An authority whose certificate and key were kept.
    public init(_ identity: TLSIdentity) {
        self.identity = identity
    }

    /// Makes an authority with a P-256 key.
    ///
    /// - Parameters:
    ///   - name: its common name.
    ///   - seconds: how long it is valid from now.
    public init(named name: String, validFor seconds: Int) throws(CertificateFailure) {
        let key = try PrivateKey()
        let certificate = try Certificate(subject: name, key: key, validFor: seconds)
        try certificate.setIssuer(of: certificate)
        try certificate.extend(
            [
                (NID_basic_constraints, "critical,CA:TRUE"),
                (NID_key_usage, "critical,digitalSignature,keyCertSign,cRLSign"),
                (NID_subject_key_identifier, "hash"),
            ],
            issuer: certificate
        )
        try certificate.sign(with: key)
        identity = TLSIdentity(certificates: try certificate.pem(), key: try key.pem())
    }

    /// Issues a server's certificate, which clients accept for any of `names`.
    public func issueServer(
        _ commonName: String,
        names: [Name],
        validFor seconds: Int
    ) throws(CertificateFailure) -> TLSIdentity {
        let authority = try Certificate(pem: identity.certificates)
        let authorityKey = try PrivateKey(pem: identity.key)
        let key = try PrivateKey()
        let certificate = try Certificate(subject: commonName, key: key, validFor: seconds)
        try certificate.setIssuer(of: authority)
        try certificate.extend(
            [
                (NID_basic_constraints, "critical,CA:FALSE"),
                (NID_key_usage, "critical,digitalSignature"),
                (NID_ext_key_usage, "serverAuth"),
                (NID_subject_alt_name, names.map(\.text).joined(separator: ",")),
                (NID_authority_key_identifier, "keyid"),
            ],
            issuer: authority
        )
        try certificate.sign(with: authorityKey)
        return TLSIdentity(
            certificates: try certificate.pem() + identity.certificates,
            key: try key.pem()
        )
    }

    /// Whether a kept certificate of this authority still serves: it is signed by it, has all `names`, and is valid for at
    /// least `seconds` more.
    public func stillServes(_ server: TLSIdentity, names: [Name], for seconds: Int) -> Bool {
        guard let authority = try? Certificate(pem: identity.certificates),
            let certificate = try? Certificate(pem: server.certificates),
            let key = try? PrivateKey(pem: server.key)
        else { return false }
        return authority.hasSigned(certificate) && certificate.belongs(to: key)
            && certificate.isValid(for: seconds) && authority.isValid(for: seconds)
            && names.allSatisfy { name in
                switch name {
                case .dns(let host): certificate.names(host: host)
                case .ip(let address): certificate.names(address: address)
                }
            }
    }
}
