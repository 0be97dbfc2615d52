internal import COpenSSL

/// A self-signed authority that issues certificates for servers and clients of its own making (RFC 5280).
public struct CertificateAuthority: Sendable {
    /// What a server is reached by.
    public enum Name: Sendable, Hashable {
        /// A DNS name.
        case dns(String)
        /// An IP address.
        case ip(String)

        /// As OpenSSL's configuration files write it. There a comma begins another name, so what is no name is refused.
        fileprivate var text: String {
            get throws(CertificateFailure) {
                let (kind, value) =
                    switch self {
                    case .dns(let name): ("DNS", name)
                    case .ip(let address): ("IP", address)
                    }
                let isName = value.utf8.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                    default: "*-._:".utf8.contains(byte)
                    }
                }
                guard !value.isEmpty, isName else { throw CertificateFailure("\"\(value)\" is no name") }
                return "\(kind):\(value)"
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
        let certificate = try Certificate(
            subject: CertificateSubject(commonName: name),
            key: key,
            validFor: seconds
        )
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
    ///
    /// - Throws: `CertificateFailure` when there are no names, or one is none, or the authority cannot sign.
    public func issueServer(
        _ commonName: String,
        names: [Name],
        validFor seconds: Int
    ) throws(CertificateFailure) -> TLSIdentity {
        var texts: [String] = []
        for name in names { texts.append(try name.text) }
        return try issue(
            CertificateSubject(commonName: commonName),
            [(NID_ext_key_usage, "serverAuth"), (NID_subject_alt_name, texts.joined(separator: ","))],
            validFor: seconds
        )
    }

    /// Issues a client's certificate, which says who the client is.
    ///
    /// - Throws: `CertificateFailure` when a name is too long or empty, or the authority cannot sign.
    public func issueClient(
        _ subject: CertificateSubject,
        validFor seconds: Int
    ) throws(CertificateFailure) -> TLSIdentity {
        try issue(subject, [(NID_ext_key_usage, "clientAuth")], validFor: seconds)
    }

    private func issue(
        _ subject: CertificateSubject,
        _ extensions: [(Int32, String)],
        validFor seconds: Int
    ) throws(CertificateFailure) -> TLSIdentity {
        let authority = try Certificate(pem: identity.certificates)
        let authorityKey = try PrivateKey(pem: identity.key)
        let key = try PrivateKey()
        let certificate = try Certificate(subject: subject, key: key, validFor: seconds)
        try certificate.setIssuer(of: authority)
        try certificate.extend(
            [
                (NID_basic_constraints, "critical,CA:FALSE"),
                (NID_key_usage, "critical,digitalSignature"),
                (NID_authority_key_identifier, "keyid"),
            ] + extensions,
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
