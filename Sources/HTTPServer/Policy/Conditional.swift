import Crypto
import HTTPTypes

/// Conditional requests, RFC 9110 §13.
enum Conditional {
    /// Makes `response` a 304 when the client already has what it would be sent (§13.1.2).
    ///
    /// - Parameter compression: how the full answer would still be compressed; nil when that is done.
    static func apply(to response: inout Response, head: RequestHead, compression: CompressionSettings?) {
        guard response.status == .ok, head.method == .get || head.method == .head,
            let tag = response.entityTag, let asked = head.combined(.ifNoneMatch),
            EntityTag.matchesWeakly(tag.utf8, in: asked)
        else { return }
        // RFC 9110 §15.4.5: the 304 has the tag and the Vary that the full answer would have, but no field that describes
        // content.
        if let compression, Compression.isWorthwhile(response, settings: compression) {
            Compression.describe(&response, head: head)
        }
        response.fields.removeAll { $0.name == .contentEncoding }
        response.status = .notModified
        response.body = .empty
    }
}

extension Response {
    /// A strong entity tag for `bytes`: equal bytes have equal tags (RFC 9110 §8.8.3).
    public static func entityTag(of bytes: [UInt8]) -> String {
        let digest = SHA256.hash(data: bytes).prefix(16)
        var text: [UInt8] = [0x22]
        for byte in digest { Decimal.appendHexadecimal(UInt64(byte), digits: 2, to: &text) }
        text.append(0x22)
        return String(decoding: text, as: UTF8.self)
    }
}
