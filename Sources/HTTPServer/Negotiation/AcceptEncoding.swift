/// `Accept-Encoding`, RFC 9110 §12.5.3.
enum AcceptEncoding {
    /// Whether gzip is at least as welcome as the body as it is. An element that is malformed counts for nothing.
    static func prefersGzip(_ value: some BidirectionalCollection<UInt8>) -> Bool {
        var gzip: Int?
        var identity: Int?
        var others: Int?
        for element in ListValue.elements(of: value) {
            guard let coding = WeightedElement(element) else { continue }
            if ListValue.isEqual(coding.name, "gzip") || ListValue.isEqual(coding.name, "x-gzip") {
                gzip = max(gzip ?? 0, coding.quality)
            } else if ListValue.isEqual(coding.name, "identity") {
                identity = coding.quality
            } else if ListValue.isEqual(coding.name, "*") {
                others = coding.quality
            }
        }
        let offered = gzip ?? others ?? 0
        // Of identity, when nothing speaks of it, §12.5.3 says only that it is acceptable: less so than what is named.
        return offered > 0 && offered >= (identity ?? others ?? 0)
    }
}
