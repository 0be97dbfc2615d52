/// `Accept-Encoding`, RFC 9110 §12.5.3.
enum AcceptEncoding {
    /// Whether gzip is at least as welcome as the body as it is.
    static func prefersGzip(_ value: some Collection<UInt8>) -> Bool {
        var gzip: Int?
        var identity: Int?
        var others: Int?
        for element in ListValue.split(value, at: 0x2C) {
            let (name, _, quality) = ListValue.weighted(element)
            if ListValue.isEqual(name, "gzip") || ListValue.isEqual(name, "x-gzip") {
                gzip = max(gzip ?? 0, quality)
            } else if ListValue.isEqual(name, "identity") {
                identity = quality
            } else if ListValue.isEqual(name, "*") {
                others = quality
            }
        }
        let offered = gzip ?? others ?? 0
        // Without a word of its own, identity is acceptable, but less so than anything that is named.
        return offered > 0 && offered >= (identity ?? 0)
    }
}
