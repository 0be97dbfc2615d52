/// `Accept`, RFC 9110 §12.5.1.
enum Accept {
    /// Whether the field's value allows `mediaType`, given without parameters and in lower case, such as `text/html`. A value
    /// in which nothing can be read allows everything, as if the field were not there.
    static func allows(_ mediaType: String, in value: some Collection<UInt8>) -> Bool {
        let type = mediaType.utf8.prefix { $0 != 0x2F }
        var best: (precedence: Int, quality: Int)?
        var isReadable = false
        for element in ListValue.split(value, at: 0x2C) {
            let (range, parameters, quality) = ListValue.weighted(element)
            guard range.contains(0x2F) else { continue }
            isReadable = true
            guard let precedence = precedence(range, type, mediaType.utf8) else { continue }
            // A range with parameters names one form of the type. What is offered has none, or only a charset.
            guard parameters.allSatisfy({ ListValue.isEqual($0.prefix { $0 != 0x3D }, "charset") }) else { continue }
            if best.map({ precedence > $0.precedence || (precedence == $0.precedence && quality > $0.quality) })
                ?? true
            {
                best = (precedence, quality)
            }
        }
        guard isReadable else { return true }
        return (best?.quality ?? 0) > 0
    }

    /// How closely `range` names the media type: 2 exactly, 1 by type, 0 as `*/*`, nil not at all.
    private static func precedence(
        _ range: some Collection<UInt8>,
        _ type: some Collection<UInt8>,
        _ mediaType: some Collection<UInt8>
    ) -> Int? {
        if ListValue.isEqual(range, "*/*") { return 0 }
        let lowercased = range.lazy.map(ByteClass.lowercased)
        if lowercased.elementsEqual(mediaType) { return 2 }
        guard range.dropFirst(type.count).elementsEqual("/*".utf8), lowercased.starts(with: type) else { return nil }
        return 1
    }
}
