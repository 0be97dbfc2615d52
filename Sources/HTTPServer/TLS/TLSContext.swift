internal import COpenSSL

/// The certificate chain and key with which a server proves who it is, and the rules of TLS that it keeps.
///
/// TLS 1.2 at least; the cipher suites are OpenSSL's own choice. ALPN (RFC 7301) answers `http/1.1`.
public final class TLSContext: Sendable {
    /// The certificate or the key cannot be used.
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
    ///   - key: the private key of the first certificate.
    /// - Throws: `Invalid` when either is malformed or they do not belong together.
    public init(certificates: [UInt8], key: [UInt8]) throws(Invalid) {
        guard let context = SSL_CTX_new(TLS_server_method()) else {
            throw Invalid(description: "OpenSSL cannot make a context: \(Self.lastError())")
        }
        self.context = context
        ingot_ssl_ctx_release_buffers(context)
        guard ingot_ssl_ctx_set_minimum_tls12(context) == 1 else {
            throw Invalid(description: "OpenSSL refuses TLS 1.2: \(Self.lastError())")
        }
        ingot_ssl_ctx_forbid_renegotiation(context)
        try use(certificates: certificates)
        try use(key: key)
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
        let bio = Self.bio(certificates)
        defer { BIO_free(bio) }
        guard let leaf = PEM_read_bio_X509(bio, nil, nil, nil) else {
            throw Invalid(description: "the certificate is not PEM: \(Self.lastError())")
        }
        defer { X509_free(leaf) }
        guard SSL_CTX_use_certificate(context, leaf) == 1 else {
            throw Invalid(description: "the certificate cannot be used: \(Self.lastError())")
        }
        while let next = PEM_read_bio_X509(bio, nil, nil, nil) {
            guard ingot_ssl_ctx_add_chain_certificate(context, next) == 1 else {
                X509_free(next)
                throw Invalid(description: "the certificate chain cannot be used: \(Self.lastError())")
            }
        }
        // The end of the text shows as an error, which must not be taken for one of a later call.
        ERR_clear_error()
    }

    private func use(key: [UInt8]) throws(Invalid) {
        let bio = Self.bio(key)
        defer { BIO_free(bio) }
        guard let pair = PEM_read_bio_PrivateKey(bio, nil, nil, nil) else {
            throw Invalid(description: "the private key is not PEM, or has a passphrase: \(Self.lastError())")
        }
        defer { EVP_PKEY_free(pair) }
        guard SSL_CTX_use_PrivateKey(context, pair) == 1, SSL_CTX_check_private_key(context) == 1 else {
            throw Invalid(
                description: "the private key does not belong to the certificate: \(Self.lastError())"
            )
        }
    }

    /// A source of OpenSSL's with a copy of the bytes.
    private static func bio(_ bytes: [UInt8]) -> OpaquePointer? {
        let bio = BIO_new(BIO_s_mem())
        _ = bytes.withUnsafeBytes { BIO_write(bio, $0.baseAddress, Int32($0.count)) }
        return bio
    }

    private static func lastError() -> String {
        let code = ERR_get_error()
        ERR_clear_error()
        return code == 0
            ? "no reason given" : String(cString: ERR_reason_error_string(code) ?? ERR_lib_error_string(code))
    }
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
