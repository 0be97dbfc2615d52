internal import CCurl
public import HTTPTypes

/// The field `Retry-After`, RFC 9110 §10.2.3.
public enum RetryAfter {
    /// How long the server asks to wait; nil when it does not, or says it in no known form.
    ///
    /// - Parameters:
    ///   - fields: the fields of an answer.
    ///   - now: the time, in seconds since 1970, that a date is compared with.
    public static func delay(_ fields: HTTPFields, now: Int64) -> Duration? {
        guard let value = fields[.retryAfter] else { return nil }
        if !value.isEmpty, value.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            // A number too large for Int is as good as for ever.
            return .seconds(min(Int64(value) ?? .max, 1 << 40))
        }
        let time = curl_getdate(value, nil)
        guard time >= 0 else { return nil }
        return .seconds(max(0, Int64(time) - now))
    }
}
