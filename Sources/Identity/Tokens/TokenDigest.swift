internal import Crypto

/// The SHA-256 hash of a token: tells tokens apart in a cache that holds none of them.
public struct TokenDigest: Sendable, Hashable {
    private let words: InlineWords

    /// The hash of a token.
    public init(_ token: some Sequence<UInt8>) {
        var hash = SHA256()
        if token.withContiguousStorageIfAvailable({ hash.update(bufferPointer: UnsafeRawBufferPointer($0)) })
            == nil
        {
            hash.update(data: Array(token))
        }
        var words = InlineWords()
        hash.finalize().withUnsafeBytes { bytes in
            words.first = bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
            words.second = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            words.third = bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
            words.fourth = bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
        }
        self.words = words
    }

    private struct InlineWords: Hashable {
        var first: UInt64 = 0
        var second: UInt64 = 0
        var third: UInt64 = 0
        var fourth: UInt64 = 0
    }
}
