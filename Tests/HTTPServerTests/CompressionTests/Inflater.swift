import CZlib

/// Decompresses gzip with zlib, which checks the header, the CRC-32 and the length.
enum Inflater {
    /// The content, or nil when `bytes` is not exactly one complete gzip member.
    static func inflated(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return nil
        }
        defer { inflateEnd(&stream) }
        var input = bytes
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let code = input.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            var code = Z_OK
            while code == Z_OK {
                code = chunk.withUnsafeMutableBufferPointer { chunk in
                    stream.next_out = chunk.baseAddress
                    stream.avail_out = UInt32(chunk.count)
                    return inflate(&stream, Z_NO_FLUSH)
                }
                content += chunk.prefix(chunk.count - Int(stream.avail_out))
            }
            return code
        }
        return code == Z_STREAM_END && stream.avail_in == 0 ? content : nil
    }
}
