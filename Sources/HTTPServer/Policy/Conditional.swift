import Crypto
import HTTPTypes

/// Conditional requests, RFC 9110 §13.
enum Conditional {
    /// Makes `response` a 304 when the client already has what it would be sent (§13.1.2).
    static func apply(to response: inout Response, head: RequestHead) {
        guard response.status == .ok, head.method == .get || head.method == .head,
            let tag = response.entityTag, let asked = head.combined(.ifNoneMatch),
            EntityTag.matchesWeakly(tag.utf8, in: asked)
        else { return }
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
