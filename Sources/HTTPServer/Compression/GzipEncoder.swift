import CZlib

/// Compresses whole bodies into the gzip format, RFC 1952, with zlib.
///
/// zlib's working memory, about 256 KiB, is taken at the first use, used again for each body, and given back at the end.
final class GzipEncoder {
    /// zlib would not take or finish the input.
    struct Failure: Error, Equatable {
        /// zlib's return code.
        let code: Int32
    }

    private let level: Int32
    /// zlib keeps the address of its stream, so the stream must not move.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var isReady = false

    private let sliceSize: Int
    /// Half of zlib's most: a larger table of symbols gains next to nothing and costs 256 KiB more per encoder.
    private static let memoryLevel: Int32 = 8

    /// - Parameters:
    ///   - level: 1, fastest, to 9, smallest.
    ///   - sliceSize: how many bytes, at most a gibibyte, zlib is given at a time; it counts them in 32 bits.
    init(level: Int, sliceSize: Int = 1 << 30) {
        self.level = Int32(min(max(level, 1), 9))
        self.sliceSize = min(max(sliceSize, 1), 1 << 30)
        stream.initialize(to: z_stream())
    }

    deinit {
        if isReady { deflateEnd(stream) }
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// Appends `bytes`, compressed, to `output`. When it throws, `output` is as it was.
    func compress(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) throws(Failure) {
        try prepare()
        let start = output.count
        var consumed = 0
        repeat {
            let slice = UnsafeRawBufferPointer(rebasing: bytes[consumed...].prefix(sliceSize))
            consumed += slice.count
            let isLast = consumed == bytes.count
            let code = deflateSlice(slice, isLast: isLast, into: &output)
            guard code == (isLast ? Z_STREAM_END : Z_OK) else {
                output.removeLast(output.count - start)
                throw Failure(code: code)
            }
        } while consumed < bytes.count
    }

    /// Compresses one slice, and returns zlib's code.
    private func deflateSlice(_ slice: UnsafeRawBufferPointer, isLast: Bool, into output: inout [UInt8])
        -> Int32
    {
        // zlib does not write to its input, though its type does not say so.
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: slice.baseAddress?.assumingMemoryBound(to: UInt8.self)
        )
        stream.pointee.avail_in = UInt32(clamping: slice.count)
        defer {
            stream.pointee.next_in = nil
            stream.pointee.next_out = nil
        }
        var code = Z_OK
        // The bound holds for all of it, so the first round is the last one unless there are several slices.
        var room = Int(clamping: deflateBound(stream, UInt(slice.count)))
        repeat {
            let start = output.count
            output.append(contentsOf: repeatElement(0, count: room))
            code = output.withUnsafeMutableBytes { buffer in
                stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self).advanced(
                    by: start
                )
                stream.pointee.avail_out = UInt32(clamping: room)
                return deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
            }
            output.removeLast(Int(stream.pointee.avail_out))
            room = 1 << 16
        } while code == Z_OK && stream.pointee.avail_out == 0 && (isLast || stream.pointee.avail_in > 0)
        return code
    }

    private func prepare() throws(Failure) {
        let code: Int32
        if isReady {
            code = deflateReset(stream)
        } else {
            // 15 bits of window, and 16 to ask for a gzip rather than a zlib wrapper.
            code = deflateInit2_(
                stream,
                level,
                Z_DEFLATED,
                15 + 16,
                Self.memoryLevel,
                Z_DEFAULT_STRATEGY,
                ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)
            )
        }
        guard code == Z_OK else { throw Failure(code: code) }
        isReady = true
    }
}
