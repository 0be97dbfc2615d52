internal import COpenSSL

/// The wire of one TLS session as OpenSSL sees it: it reads the bytes that the socket gave this turn, and writes into an
/// array that the socket takes next. A session at rest has no buffer of its own here.
final class TLSWire {
    /// Bytes from the socket that OpenSSL has not read; valid while they are being received.
    fileprivate var incoming = UnsafeRawBufferPointer(start: nil, count: 0)
    /// Bytes for the socket.
    fileprivate var outgoing: [UInt8] = []

    /// The functions through which OpenSSL reads and writes; made once, and never changed.
    nonisolated(unsafe) private static let method = makeMethod()

    /// OpenSSL's end of the wire, which must not outlive this object. Nil when there is no memory.
    func makeBIO() -> OpaquePointer? {
        guard let method = Self.method, let bio = BIO_new(method) else { return nil }
        BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        BIO_set_init(bio, 1)
        return bio
    }

    /// Runs `body`, in which OpenSSL finds `bytes` on the wire.
    func receiving<Outcome>(_ bytes: UnsafeRawBufferPointer, _ body: () -> Outcome) -> Outcome {
        incoming = bytes
        defer { incoming = UnsafeRawBufferPointer(start: nil, count: 0) }
        return body()
    }

    /// Takes the bytes that wait for the socket.
    func takeOutgoing() -> [UInt8] {
        var bytes: [UInt8] = []
        swap(&bytes, &outgoing)
        return bytes
    }

    private static func makeMethod() -> OpaquePointer? {
        guard let method = BIO_meth_new(BIO_get_new_index() | Int32(BIO_TYPE_SOURCE_SINK), "ingot wire")
        else {
            return nil
        }
        BIO_meth_set_read(method, readFromWire)
        BIO_meth_set_write(method, writeToWire)
        BIO_meth_set_ctrl(method, controlWire)
        return method
    }

    fileprivate static func of(_ bio: OpaquePointer?) -> TLSWire? {
        guard let data = BIO_get_data(bio) else { return nil }
        return Unmanaged<TLSWire>.fromOpaque(data).takeUnretainedValue()
    }
}

private func readFromWire(
    _ bio: OpaquePointer?,
    _ buffer: UnsafeMutablePointer<CChar>?,
    _ capacity: Int32
) -> Int32 {
    guard let wire = TLSWire.of(bio), let buffer, capacity > 0 else { return -1 }
    ingot_bio_clear_retry(bio)
    let count = min(wire.incoming.count, Int(capacity))
    guard count > 0, let start = wire.incoming.baseAddress else {
        ingot_bio_retry_read(bio)
        return -1
    }
    UnsafeMutableRawPointer(buffer).copyMemory(from: start, byteCount: count)
    wire.incoming = UnsafeRawBufferPointer(rebasing: wire.incoming[count...])
    return Int32(count)
}

private func writeToWire(_ bio: OpaquePointer?, _ bytes: UnsafePointer<CChar>?, _ count: Int32) -> Int32 {
    guard let wire = TLSWire.of(bio), let bytes, count > 0 else { return -1 }
    ingot_bio_clear_retry(bio)
    wire.outgoing.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: Int(count)))
    return count
}

/// Of OpenSSL's commands only `BIO_CTRL_FLUSH` must succeed; 0 says that the others are not known.
private func controlWire(_: OpaquePointer?, _ command: Int32, _: Int, _: UnsafeMutableRawPointer?) -> Int {
    ingot_bio_is_flush(command) == 1 ? 1 : 0
}
