/// `Accept`, RFC 9110 §12.5.1.
enum Accept {
    /// Whether the field's value allows `mediaType`, given without parameters and in lower case, such as `text/html`.
    static func allows(_ mediaType: String, in value: some BidirectionalCollection<UInt8>) -> Bool {
        quality(of: mediaType, in: value) > 0
    }

    /// The most welcome of `offered`, the earlier one of two that are equally so, or nil when none is allowed.
    static func preferred(of offered: [String], in value: some BidirectionalCollection<UInt8>) -> String? {
        var best: (mediaType: String, quality: Int)?
        for mediaType in offered {
            let quality = quality(of: mediaType, in: value)
            if quality > best?.quality ?? 0 { best = (mediaType, quality) }
        }
        return best?.mediaType
    }

    /// How welcome `mediaType` is, in thousandths: what the range that names it most closely says. A value in which nothing
    /// can be read allows everything, as if the field were not there.
    static func quality(of mediaType: String, in value: some BidirectionalCollection<UInt8>) -> Int {
        let type = mediaType.utf8.prefix { $0 != 0x2F }
        var best: (precedence: Int, quality: Int) = (-1, 0)
        var isReadable = false
        for element in ListValue.elements(of: value) {
            guard let range = WeightedElement(element), range.name.contains(0x2F) else { continue }
            isReadable = true
            guard let precedence = precedence(range.name, type, mediaType.utf8), isForm(range.parameters)
            else {
                continue
            }
            if (precedence, range.quality) > best { best = (precedence, range.quality) }
        }
        return isReadable ? best.quality : 1000
    }

    /// How closely `range` names the media type: 2 exactly, 1 by type, 0 as `*/*`, nil not at all.
    private static func precedence(
        _ range: some BidirectionalCollection<UInt8>,
        _ type: some Collection<UInt8>,
        _ mediaType: some Collection<UInt8>
    ) -> Int? {
        if range.elementsEqual("*/*".utf8) { return 0 }
        let lowercased = range.lazy.map(ByteClass.lowercased)
        if lowercased.elementsEqual(mediaType) { return 2 }
        guard lowercased.starts(with: type), range.dropFirst(type.count).elementsEqual("/*".utf8) else {
            return nil
        }
        return 1
    }

    /// A range with parameters names one form of the type. What is offered has none, or only a charset.
    private static func isForm(_ parameters: ListElements<some BidirectionalCollection<UInt8>>) -> Bool {
        for parameter in parameters where !ListValue.isEqual(parameter.prefix { $0 != 0x3D }, "charset") {
            return false
        }
        return true
    }
}
