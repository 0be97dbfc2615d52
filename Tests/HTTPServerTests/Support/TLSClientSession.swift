import COpenSSL
import Certificates

/// The client's side of TLS as OpenSSL speaks it, between bytes in memory, so that a test decides how they travel.
final class TLSClientSession {
    /// How a client speaks TLS.
    struct Options {
        /// The authorities whose servers it believes, in PEM.
        var authorities: [UInt8]
        /// The name that the server's certificate must have.
        var serverName = "localhost"
        /// What it shows when it is asked who it is.
        var identity: TLSIdentity?
        /// Whether it knows no TLS 1.3.
        var endsAtTLS12 = false
        /// Whether it knows nothing newer than TLS 1.1.
        var endsAtTLS11 = false
        /// The protocols that it offers, ALPN.
        var protocols: [String] = []
        /// The session that it wants to go on with.
        var resumes: TLSTicket?

        init(authorities: [UInt8]) {
            self.authorities = authorities
        }
    }

    /// OpenSSL refused.
    struct Failure: Error, CustomStringConvertible {
        let call: String
        let reason: String
        var description: String { "\(call): \(reason)" }

        init(_ call: String) {
            self.call = call
            let code = ERR_get_error()
            reason = ERR_reason_error_string(code).map { String(cString: $0) } ?? "no reason given"
            ERR_clear_error()
        }
    }

    private let context: OpaquePointer
    private let session: OpaquePointer
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer
    private var isDone = false
    /// The server has said that it will send no more (close_notify).
    private(set) var isEnded = false

    init(_ options: Options) throws {
        guard let context = SSL_CTX_new(TLS_client_method()) else { throw Failure("SSL_CTX_new") }
        guard let session = try Self.configured(context, options), let incoming = BIO_new(BIO_s_mem()),
            let outgoing = BIO_new(BIO_s_mem())
        else {
            SSL_CTX_free(context)
            throw Failure("SSL_new")
        }
        SSL_set_bio(session, incoming, outgoing)
        SSL_set_connect_state(session)
        self.context = context
        self.session = session
        self.incoming = incoming
        self.outgoing = outgoing
    }

    deinit {
        SSL_free(session)
        SSL_CTX_free(context)
    }

    private static func configured(_ context: OpaquePointer, _ options: Options) throws -> OpaquePointer? {
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        let authority = try certificate(options.authorities)
        defer { X509_free(authority) }
        guard X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority) == 1 else {
            throw Failure("X509_STORE_add_cert")
        }
        if options.endsAtTLS12 { _ = ingot_ssl_ctx_set_maximum_tls12(context) }
        if options.endsAtTLS11 { ingot_ssl_ctx_speak_tls11_only(context) }
        if let identity = options.identity { try show(identity, context) }
        let wire = options.protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        if !wire.isEmpty { SSL_CTX_set_alpn_protos(context, wire, UInt32(wire.count)) }
        guard let session = SSL_new(context) else { return nil }
        guard ingot_ssl_set_server_name(session, options.serverName) == 1,
            SSL_set1_host(session, options.serverName) == 1
        else { throw Failure("SSL_set1_host") }
        if let ticket = options.resumes, SSL_set_session(session, ticket.handle) != 1 {
            throw Failure("SSL_set_session")
        }
        return session
    }

    private static func certificate(_ pem: [UInt8]) throws -> OpaquePointer {
        let bio = BIO_new_mem_buf(pem, Int32(pem.count))
        defer { BIO_free(bio) }
        guard let certificate = PEM_read_bio_X509(bio, nil, nil, nil) else {
            throw Failure("PEM_read_bio_X509")
        }
        return certificate
    }

    private static func show(_ identity: TLSIdentity, _ context: OpaquePointer) throws {
        let certificate = try certificate(identity.certificates)
        defer { X509_free(certificate) }
        let bio = BIO_new_mem_buf(identity.key, Int32(identity.key.count))
        defer { BIO_free(bio) }
        let key = PEM_read_bio_PrivateKey(bio, nil, nil, nil)
        defer { EVP_PKEY_free(key) }
        guard SSL_CTX_use_certificate(context, certificate) == 1, SSL_CTX_use_PrivateKey(context, key) == 1
        else {
            throw Failure("SSL_CTX_use_certificate")
        }
    }

    // MARK: What it negotiated

    /// The protocol that the server chose, ALPN; nil when it chose none.
    var chosenProtocol: String? {
        var bytes: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(session, &bytes, &count)
        guard let bytes, count > 0 else { return nil }
        return String(decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
    }

    /// As in `TLSv1.3`.
    var version: String { String(cString: SSL_get_version(session)) }

    /// Whether the server went on with the session that it was shown.
    var isResumed: Bool { SSL_session_reused(session) == 1 }

    /// What to go on with in another connection.
    var ticket: TLSTicket? { SSL_get1_session(session).map(TLSTicket.init) }

    // MARK: The handshake and what follows

    /// Goes on with the handshake; true when it is done.
    func advance() throws -> Bool {
        guard !isDone else { return true }
        ERR_clear_error()
        let code = SSL_do_handshake(session)
        if code == 1 {
            isDone = true
            return true
        }
        guard SSL_get_error(session, code) == SSL_ERROR_WANT_READ else { throw Failure("SSL_do_handshake") }
        return false
    }

    /// Gives it bytes from the wire.
    func feed(_ bytes: [UInt8]) {
        _ = BIO_write(incoming, bytes, Int32(bytes.count))
    }

    /// Takes its bytes for the wire.
    func takeOutgoing() -> [UInt8] {
        var start: UnsafeMutablePointer<CChar>?
        let count = ingot_bio_memory(outgoing, &start)
        guard count > 0, let start else { return [] }
        defer { ingot_bio_reset(outgoing) }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(count)))
    }

    func encrypt(_ bytes: [UInt8]) throws -> [UInt8] {
        ERR_clear_error()
        guard bytes.isEmpty || SSL_write(session, bytes, Int32(bytes.count)) == Int32(bytes.count) else {
            throw Failure("SSL_write")
        }
        return takeOutgoing()
    }

    /// Everything that the bytes given so far carry.
    func decrypt() throws -> [UInt8] {
        var plain: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            ERR_clear_error()
            let count = SSL_read(session, &block, Int32(block.count))
            if count > 0 {
                plain += block[..<Int(count)]
                continue
            }
            switch SSL_get_error(session, count) {
            case SSL_ERROR_WANT_READ: return plain
            case SSL_ERROR_ZERO_RETURN:
                isEnded = true
                return plain
            default: throw Failure("SSL_read")
            }
        }
    }

    /// The bytes that say that nothing more will be sent.
    func goodbye() -> [UInt8] {
        ERR_clear_error()
        SSL_shutdown(session)
        return takeOutgoing()
    }

    /// The bytes that ask to negotiate anew, which only TLS 1.2 knows.
    func renegotiation() throws -> [UInt8] {
        ERR_clear_error()
        guard SSL_renegotiate(session) == 1 else { throw Failure("SSL_renegotiate") }
        SSL_do_handshake(session)
        return takeOutgoing()
    }
}

/// A session that may be resumed.
final class TLSTicket {
    let handle: OpaquePointer

    init(_ handle: OpaquePointer) {
        self.handle = handle
    }

    deinit { SSL_SESSION_free(handle) }
}
