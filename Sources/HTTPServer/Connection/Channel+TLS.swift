/// What is different about a connection that is encrypted.
extension Channel {
    /// Who the client is by its certificate; nil on a plain connection, and when it showed none.
    var tlsPeer: TLSPeer? { tls?.peer }

    /// Whether something waits for the socket to take it. What cannot be encrypted yet does not.
    var hasOutput: Bool {
        guard let tls else { return !output.isEmpty }
        return !encrypted.isEmpty || (!output.isEmpty && tls.isHandshakeDone)
    }

    /// Whether the channel, though it is to be closed, has something to say first that the handshake holds up.
    var awaitsHandshake: Bool {
        guard let tls, state == .closing, !inputHasEnded, !output.isEmpty else { return false }
        return tls.phase == .silent || tls.phase == .handshake
    }

    /// Decrypts what came, and hands it to the protocol.
    func receive(_ bytes: UnsafeRawBufferPointer, through tls: TLSSession, loop: EventLoop) {
        if tls.isPlainHTTP(bytes) {
            loop.statistics.plainRequestsToTLS += 1
            output.removeAll()
            encrypted.append(Self.answerToPlainHTTP)
            close(loop: loop)
            return
        }
        let wasHandshakeDone = tls.isHandshakeDone
        let outcome = tls.receive(bytes) { plain in
            // What comes after the protocol has closed is thrown away, as on a plain connection.
            if state == .open { wire.received(plain, on: self, loop: loop) }
        }
        if !wasHandshakeDone, tls.isHandshakeDone {
            loop.statistics.tlsHandshakes += 1
            channelDeadline = .max
        }
        switch outcome {
        case .open: break
        case .ended: if !inputHasEnded { endInput(loop: loop) }
        case .failed:
            if wasHandshakeDone {
                loop.statistics.tlsFailures += 1
            } else {
                loop.statistics.failedTLSHandshakes += 1
            }
            output.removeAll()
            loop.scratch.removeAll(keepingCapacity: true)
            close(loop: loop)
        }
    }

    /// What a client reads that speaks HTTP where TLS is spoken.
    private static let answerToPlainHTTP: [UInt8] = Array(
        ("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n"
            + "Content-Length: 48\r\n\r\nClient sent an HTTP request to an HTTPS server.\n").utf8
    )

    /// Bytes that are encrypted at a time: what goes out with one system call. The rest waits as it is, so that the limits on
    /// output count it.
    private static let encryptionLimit = 128 * 1024

    /// Encrypts and sends, up to about a mebibyte so that one connection does not hold up the others; false when the
    /// connection is broken.
    func drain(through tls: TLSSession, loop: EventLoop) -> Bool {
        var written = 0
        defer { loop.statistics.bytesWritten += written }
        while written < 1 << 20 {
            if encrypted.isEmpty, !encrypt(through: tls) { return false }
            if encrypted.isEmpty { break }
            guard let count = encrypted.write(to: descriptor) else { return false }
            written += count
            if !encrypted.isEmpty { break }
        }
        if !hasOutput {
            channelDeadline = tls.phase == .silent || tls.phase == .handshake ? handshakeDeadline : .max
        } else if written > 0 || channelDeadline == .max {
            channelDeadline = loop.clock.now &+ loop.timeouts.write
            if !tls.isHandshakeDone { channelDeadline = min(channelDeadline, handshakeDeadline) }
            loop.deadlineChanged(self)
        }
        return true
    }

    /// Fills `encrypted` from `output`; false when the session is broken.
    private func encrypt(through tls: TLSSession) -> Bool {
        var rest = Self.encryptionLimit
        while rest > 0, tls.isHandshakeDone, !output.isEmpty {
            guard let taken = output.takeFirst(rest, tls.send) else { return false }
            rest -= taken
        }
        if state == .closing, output.isEmpty { tls.sayGoodbye() }
        encrypted.append(tls.takeOutgoing())
        return true
    }
}
