internal import COpenSSL

/// The certificate chain and key with which a server proves who it is, and the rules of TLS that it keeps.
///
/// TLS 1.2 at least; the cipher suites are OpenSSL's own choice. ALPN (RFC 7301) answers `http/1.1`. Sessions are resumed
/// through tickets (RFC 8446 §4.6.1), so the server keeps none; a ticket is good for the context that gave it out only, and
/// a new context asks every client anew who it is.
public final class TLSContext: Sendable {
    /// Whether clients are asked for a certificate, and which authorities' are believed: their certificates in PEM.
    public enum ClientCertificates: Sendable, Hashable {
        /// Clients are not asked.
        case ignored
        /// Clients may go without; one that shows a certificate must show a good one.
        case optional(authorities: [UInt8])
        /// Clients without a good certificate do not get past the handshake.
        case required(authorities: [UInt8])
    }

    /// A certificate or the key cannot be used.
    public struct Invalid: Error, Sendable, CustomStringConvertible {
        /// What is wrong with which of them.
        public let description: String
    }

    /// OpenSSL counts the references to a context and allows its use by several threads at once.
    nonisolated(unsafe) private let context: OpaquePointer

    /// A context from PEM text.
    ///
    /// - Parameters:
    ///   - certificates: the server's certificate, then those that lead to the authority.
    ///   - key: the private key of the first certificate, without a passphrase.
    ///   - clients: what is asked of clients.
    /// - Throws: `Invalid` when one of them is malformed, or certificate and key do not belong together.
    public init(
        certificates: [UInt8],
        key: [UInt8],
        clients: ClientCertificates = .ignored
    ) throws(Invalid) {
        guard let context = SSL_CTX_new(TLS_server_method()) else {
            throw Invalid("OpenSSL cannot make a context")
        }
        self.context = context
        ingot_ssl_ctx_release_buffers(context)
        ingot_ssl_ctx_keep_no_sessions(context)
        guard ingot_ssl_ctx_set_minimum_tls12(context) == 1 else { throw Invalid("OpenSSL refuses TLS 1.2") }
        ingot_ssl_ctx_forbid_renegotiation(context)
        try use(certificates: certificates)
        try use(key: key)
        try use(clients)
        SSL_CTX_set_alpn_select_cb(context, selectProtocol, nil)
    }

    deinit {
        SSL_CTX_free(context)
    }

    /// The state of one connection.
    func session() -> TLSSession? {
        TLSSession(context)
    }

    private func use(certificates: [UInt8]) throws(Invalid) {
        var isFirst = true
        try Self.forEachCertificate(in: certificates, called: "the server's certificate") {
            (certificate) throws(Invalid) in
            guard isFirst else {
                guard X509_up_ref(certificate) == 1 else {
                    throw Invalid("OpenSSL cannot keep a certificate")
                }
                guard ingot_ssl_ctx_add_chain_certificate(context, certificate) == 1 else {
                    X509_free(certificate)
                    throw Invalid("the certificate chain cannot be used")
                }
                return
            }
            isFirst = false
            guard SSL_CTX_use_certificate(context, certificate) == 1 else {
                throw Invalid("the server's certificate cannot be used")
            }
        }
    }

    private func use(key: [UInt8]) throws(Invalid) {
        let bio = Self.bio(key)
        defer { BIO_free(bio) }
        guard let pair = PEM_read_bio_PrivateKey(bio, nil, refusePassphrase, nil) else {
            throw Invalid("the private key is not PEM, or has a passphrase")
        }
        defer { EVP_PKEY_free(pair) }
        guard SSL_CTX_use_PrivateKey(context, pair) == 1, SSL_CTX_check_private_key(context) == 1 else {
            throw Invalid("the private key does not belong to the certificate")
        }
    }

    private func use(_ clients: ClientCertificates) throws(Invalid) {
        let authorities: [UInt8]
        switch clients {
        case .ignored: return
        case .optional(let trusted):
            authorities = trusted
            SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        case .required(let trusted):
            authorities = trusted
            SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        }
        // Without a name of its own for its sessions, a server that asks for certificates can resume none.
        let name = Array("ingot".utf8)
        SSL_CTX_set_session_id_context(context, name, UInt32(name.count))
        let store = SSL_CTX_get_cert_store(context)
        try Self.forEachCertificate(in: authorities, called: "the clients' authority") {
            (certificate) throws(Invalid) in
            guard X509_STORE_add_cert(store, certificate) == 1,
                SSL_CTX_add_client_CA(context, certificate) == 1
            else { throw Invalid("the clients' authority cannot be used") }
        }
    }

    /// Calls `use` with each certificate of a PEM text, of which there must be one at least.
    private static func forEachCertificate(
        in pem: [UInt8],
        called name: String,
        _ use: (OpaquePointer) throws(Invalid) -> Void
    ) throws(Invalid) {
        let bio = bio(pem)
        defer { BIO_free(bio) }
        var count = 0
        while let certificate = PEM_read_bio_X509(bio, nil, refusePassphrase, nil) {
            defer { X509_free(certificate) }
            count += 1
            try use(certificate)
        }
        guard count > 0, ingot_err_is_end_of_pem() == 1 else { throw Invalid("\(name) is not PEM") }
        // The end of the text shows as an error, which must not be taken for one of a later call.
        ERR_clear_error()
    }

    /// A source of OpenSSL's with a copy of the bytes.
    private static func bio(_ bytes: [UInt8]) -> OpaquePointer? {
        let bio = BIO_new(BIO_s_mem())
        _ = bytes.withUnsafeBytes { BIO_write(bio, $0.baseAddress, Int32(clamping: $0.count)) }
        return bio
    }
}

extension TLSContext.Invalid {
    /// What went wrong, with OpenSSL's reason.
    fileprivate init(_ action: String) {
        let code = ERR_get_error()
        ERR_clear_error()
        let reason = code == 0 ? nil : ERR_reason_error_string(code).map { String(cString: $0) }
        description = reason.map { "\(action): \($0)" } ?? action
    }
}

/// Answers that there is no passphrase; OpenSSL would otherwise ask for one on the terminal.
private func refusePassphrase(
    _: UnsafeMutablePointer<CChar>?,
    _: Int32,
    _: Int32,
    _: UnsafeMutableRawPointer?
) -> Int32 {
    -1
}

/// Chooses the protocol behind TLS. A client that offers none that is served goes on without ALPN.
private func selectProtocol(
    _: OpaquePointer?,
    _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
    _ length: UnsafeMutablePointer<UInt8>?,
    _ offered: UnsafePointer<UInt8>?,
    _ offeredLength: UInt32,
    _: UnsafeMutableRawPointer?
) -> Int32 {
    guard let offered else { return SSL_TLSEXT_ERR_NOACK }
    let served = "http/1.1"
    var index = 0
    let end = Int(offeredLength)
    while index < end {
        let count = Int(offered[index])
        guard index + 1 + count <= end else { break }
        let name = UnsafeBufferPointer(start: offered + index + 1, count: count)
        if name.elementsEqual(served.utf8) {
            chosen?.pointee = offered + index + 1
            length?.pointee = UInt8(count)
            return SSL_TLSEXT_ERR_OK
        }
        index += 1 + count
    }
    return SSL_TLSEXT_ERR_NOACK
}
