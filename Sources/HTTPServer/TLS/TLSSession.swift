internal import COpenSSL

/// TLS on one connection: a state machine between the bytes on the wire and those of the protocol above. It touches no socket.
final class TLSSession {
    /// How far a session has come.
    enum Phase {
        /// Nothing has been received.
        case silent
        /// The handshake is under way.
        case handshake
        /// Bytes go both ways.
        case open
        /// It broke; nothing more can be said on it.
        case broken
    }

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
    private let wire = TLSWire()
    private(set) var phase = Phase.silent
    /// Who the client is, once the handshake is done; nil when it did not say or was not asked.
    private(set) var peer: TLSPeer?
    private var hasSaidGoodbye = false

    var isHandshakeDone: Bool { phase == .open }

    init?(_ context: OpaquePointer) {
        guard let session = SSL_new(context) else { return nil }
        guard let bio = wire.makeBIO() else {
            SSL_free(session)
            return nil
        }
        // One end for both directions, which the session owns from here on.
        SSL_set_bio(session, bio, bio)
        SSL_set_accept_state(session)
        self.session = session
    }

    deinit {
        SSL_free(session)
    }

    /// Whether the first bytes are those of an HTTP request rather than of a TLS handshake (record type 22, RFC 8446 §5.1).
    /// Then there is nothing to be done with the session.
    func isPlainHTTP(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard phase == .silent, let first = bytes.first, (0x41...0x5A).contains(first) else { return false }
        phase = .broken
        return true
    }

    /// Takes bytes from the wire and hands on what they carry, a record at a time.
    func receive(_ bytes: UnsafeRawBufferPointer, _ deliver: (UnsafeRawBufferPointer) -> Void) -> Outcome {
        if phase == .silent { phase = .handshake }
        // Reading goes on until OpenSSL wants more than there is, so it holds what it was given, or has failed.
        let outcome = wire.receiving(bytes) {
            phase == .handshake && !shakeHands() ? outcomeOfHandshake : read(deliver)
        }
        if case .failed = outcome { phase = .broken }
        return outcome
    }

    private var outcomeOfHandshake: Outcome { phase == .broken ? .failed : .open }

    /// Whether the handshake is done.
    private func shakeHands() -> Bool {
        ERR_clear_error()
        let code = SSL_do_handshake(session)
        guard code == 1 else {
            if !wantsMore(code) { phase = .broken }
            return false
        }
        phase = .open
        peer = TLSPeer(session: session)
        return true
    }

    private func read(_ deliver: (UnsafeRawBufferPointer) -> Void) -> Outcome {
        withUnsafeTemporaryAllocation(byteCount: 16 * 1024, alignment: 1) { buffer in
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
            guard taken > 0 else {
                phase = .broken
                return false
            }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(Int(taken)))
        }
        return true
    }

    /// Tells the peer that nothing more will come (close_notify, RFC 8446 §6.1). Only the first call does.
    func sayGoodbye() {
        guard phase == .open, !hasSaidGoodbye else { return }
        hasSaidGoodbye = true
        ERR_clear_error()
        SSL_shutdown(session)
    }

    /// Takes the bytes that wait for the wire.
    func takeOutgoing() -> [UInt8] {
        wire.takeOutgoing()
    }
}
