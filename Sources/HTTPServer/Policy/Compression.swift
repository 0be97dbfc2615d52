import HTTPTypes

/// gzip content coding, RFC 9110 §8.4.1.3, for bodies in memory. Streams are left as they are, since a compressor would
/// hold back what their readers wait for.
enum Compression {
    /// Bodies above this many bytes are compressed off the event loop.
    private static let quickLimit = 32 * 1024

    /// Whether compressing pays, whoever asks.
    static func isWorthwhile(_ response: Response, settings: CompressionSettings) -> Bool {
        guard case .bytes(let bytes) = response.body, bytes.count >= settings.minimumSize, settings.level > 0,
            response.status.allowsBody, response.contentType?.isCompressible == true
        else { return false }
        return !response.fields.contains { $0.name == .contentEncoding }
    }

    /// Whether the client asks for gzip.
    static func isWanted(_ head: RequestHead) -> Bool {
        guard let value = head.combined(.acceptEncoding) else { return false }
        return AcceptEncoding.prefersGzip(value)
    }

    static func isQuick(_ response: Response) -> Bool {
        if case .bytes(let bytes) = response.body { bytes.count <= quickLimit } else { true }
    }

    /// Compresses the body if the client wants that, and notes in `Vary` that this depends on it.
    static func apply(to response: inout Response, head: RequestHead, encoder: GzipEncoder) {
        defer { describe(&response, head: head) }
        guard isWanted(head), case .bytes(let bytes) = response.body else { return }
        var compressed: [UInt8] = []
        compressed.reserveCapacity(bytes.count / 3)
        do {
            try bytes.withUnsafeBytes { try encoder.compress($0, into: &compressed) }
        } catch {
            // The plain body is just as right an answer.
            return
        }
        guard compressed.count < bytes.count else { return }
        response.body = .bytes(compressed)
        response.add(.contentEncoding, "gzip")
    }

    /// Sets the fields of an answer worth compressing that depend on whether the client wants gzip, besides the coding.
    static func describe(_ response: inout Response, head: RequestHead) {
        response.add(.vary, "Accept-Encoding")
        // RFC 9110 §8.8.3.3: two codings of one thing may share a tag only if it is weak.
        guard isWanted(head), let tag = response.entityTag, !tag.hasPrefix("W/") else { return }
        response.entityTag = "W/" + tag
    }

    /// The whole of it with an encoder of its own, for use off the loop.
    static func apply(to response: inout Response, head: RequestHead, settings: CompressionSettings) {
        guard isWorthwhile(response, settings: settings) else { return }
        apply(to: &response, head: head, encoder: GzipEncoder(level: settings.level))
    }
}
