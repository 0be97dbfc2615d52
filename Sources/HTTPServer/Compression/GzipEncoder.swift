import CZlib

/// Compresses whole bodies into the gzip format, RFC 1952, with zlib.
///
/// zlib's working memory, about 256 KiB, is taken at the first use and used again for each body.
final class GzipEncoder {
    /// zlib would not take or finish the input.
    struct Failure: Error, Equatable {
        /// zlib's return code.
        let code: Int32
    }

    private let level: Int32
    private var stream = z_stream()
    private var isReady = false

    /// - Parameter level: 1, fastest, to 9, smallest.
    init(level: Int) {
        self.level = Int32(clamping: min(max(level, 1), 9))
    }

    deinit {
        if isReady { deflateEnd(&stream) }
    }

    /// Appends `bytes`, compressed, to `output`.
    func compress(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) throws(Failure) {
        try prepare()
        // zlib does not write to its input, though its type does not say so.
        stream.next_in = UnsafeMutablePointer(
            mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.avail_in = UInt32(clamping: bytes.count)
        let start = output.count
        // One call suffices when there is room for the worst case.
        let room = Int(deflateBound(&stream, UInt(bytes.count)))
        output.append(contentsOf: repeatElement(0, count: room))
        let code = output.withUnsafeMutableBytes { buffer in
            stream.next_out = (buffer.baseAddress?.assumingMemoryBound(to: UInt8.self))?.advanced(by: start)
            stream.avail_out = UInt32(clamping: room)
            return deflate(&stream, Z_FINISH)
        }
        output.removeLast(Int(stream.avail_out))
        guard code == Z_STREAM_END else {
            output.removeLast(output.count - start)
            throw Failure(code: code)
        }
    }

    private func prepare() throws(Failure) {
        let code: Int32
        if isReady {
            code = deflateReset(&stream)
        } else {
            // 15 bits of window, and 16 to ask for a gzip rather than a zlib wrapper.
            code = deflateInit2_(
                &stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size))
        }
        guard code == Z_OK else { throw Failure(code: code) }
        isReady = true
    }
}
