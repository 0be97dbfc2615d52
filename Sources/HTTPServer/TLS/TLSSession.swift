internal import COpenSSL

/// TLS on one connection: a state machine between the bytes on the wire and those of the protocol above. It touches no socket.
final class TLSSession {
    /// What became of bytes that were received.
    enum Outcome {
        /// All is well.
        case open
        /// The peer has said that it will send no more.
        case ended
        /// The bytes are not TLS, or break its rules; what is to be sent says why.
        case failed
    }

    private let session: OpaquePointer
    /// Bytes from the wire, for OpenSSL to read. The session owns both.
    private let incoming: OpaquePointer
    /// Bytes for the wire, which OpenSSL wrote.
    private let outgoing: OpaquePointer
    private(set) var isHandshakeDone = false
    private var hasSaidGoodbye = false
    /// Nothing has been received yet: what comes first shows whether the client speaks TLS at all.
    private var isFresh = true

    init?(_ context: OpaquePointer) {
        guard let session = SSL_new(context) else { return nil }
        guard let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem()) else {
            SSL_free(session)
            return nil
        }
        SSL_set_bio(session, incoming, outgoing)
        SSL_set_accept_state(session)
        self.session = session
        self.incoming = incoming
        self.outgoing = outgoing
    }

    deinit {
        SSL_free(session)
    }

    /// Whether the first bytes are those of an HTTP request rather than of a TLS handshake (record type 22, RFC 8446 §5.1).
    func isPlainHTTP(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard isFresh, let first = bytes.first else { return false }
        isFresh = false
        return (0x41...0x5A).contains(first)
    }

    /// Takes bytes from the wire and hands on what they carry, a record at a time.
    func receive(_ bytes: UnsafeRawBufferPointer, _ deliver: (UnsafeRawBufferPointer) -> Void) -> Outcome {
        isFresh = false
        var rest = bytes
        while !rest.isEmpty {
            let taken = BIO_write(incoming, rest.baseAddress, Int32(clamping: rest.count))
            guard taken > 0 else { return .failed }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(Int(taken)))
        }
        if !isHandshakeDone {
            ERR_clear_error()
            let code = SSL_do_handshake(session)
            guard code == 1 else { return wantsMore(code) ? .open : .failed }
            isHandshakeDone = true
        }
        return withUnsafeTemporaryAllocation(byteCount: 16 * 1024, alignment: 1) { buffer in
            while true {
                ERR_clear_error()
                let count = SSL_read(session, buffer.baseAddress, Int32(buffer.count))
                if count > 0 {
                    deliver(UnsafeRawBufferPointer(rebasing: buffer[0..<Int(count)]))
                    continue
                }
                if SSL_get_error(session, count) == SSL_ERROR_ZERO_RETURN { return .ended }
                return wantsMore(count) ? .open : .failed
            }
        }
    }

    private func wantsMore(_ code: Int32) -> Bool {
        let error = SSL_get_error(session, code)
        return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE
    }

    /// Encrypts bytes for the wire; false when the session is broken.
    func send(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            ERR_clear_error()
            let taken = SSL_write(session, rest.baseAddress, Int32(clamping: rest.count))
            guard taken > 0 else { return false }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(Int(taken)))
        }
        return true
    }

    /// Tells the peer that nothing more will come (close_notify, RFC 8446 §6.1). Only the first call does.
    func sayGoodbye() {
        guard isHandshakeDone, !hasSaidGoodbye else { return }
        hasSaidGoodbye = true
        ERR_clear_error()
        SSL_shutdown(session)
    }

    /// Takes the bytes that wait for the wire.
    func takeOutgoing() -> [UInt8] {
        var start: UnsafeMutablePointer<CChar>?
        let count = ingot_bio_memory(outgoing, &start)
        guard count > 0, let start else { return [] }
        let bytes = [UInt8](UnsafeRawBufferPointer(start: start, count: Int(count)))
        ingot_bio_reset(outgoing)
        return bytes
    }
}
