/// How TLS is spoken with a server. The version is 1.2 at least.
public struct TLSOptions: Sendable, Hashable {
    /// Certificates, in PEM, of the authorities that are trusted instead of the system's; nil for the system's.
    public var certificateAuthorities: [UInt8]?
    /// What the client shows for itself.
    public var clientCertificate: ClientCertificate?
    /// Whether the server's certificate and name are checked.
    public var verifiesServer: Bool
    /// The name to ask for (SNI) and to check the certificate against, instead of the URL's host.
    public var serverName: String?

    /// The system's authorities and no client certificate, unless told otherwise.
    public init(
        certificateAuthorities: [UInt8]? = nil,
        clientCertificate: ClientCertificate? = nil,
        verifiesServer: Bool = true,
        serverName: String? = nil
    ) {
        self.certificateAuthorities = certificateAuthorities
        self.clientCertificate = clientCertificate
        self.verifiesServer = verifiesServer
        self.serverName = serverName
    }
}

/// A certificate with its key.
public struct ClientCertificate: Sendable, Hashable {
    /// The certificate, and those between it and its authority, in PEM.
    public var chain: [UInt8]
    /// The private key, in PEM, not encrypted.
    public var privateKey: [UInt8]

    /// A certificate with its key.
    public init(chain: [UInt8], privateKey: [UInt8]) {
        self.chain = chain
        self.privateKey = privateKey
    }
}
