/// Entity tags in `If-None-Match`, RFC 9110 §8.8.3 and §13.1.2.
enum EntityTag {
    /// Whether `tag` matches some tag of the list, or the list is `*`, by weak comparison. A list that is malformed matches
    /// nothing, so that the worst it can do is cause an answer in full.
    static func matchesWeakly(
        _ tag: some BidirectionalCollection<UInt8>,
        in list: some BidirectionalCollection<UInt8>
    ) -> Bool {
        var own = tag[...]
        var rest = ListValue.trimmed(list)
        guard let opaque = takeTag(from: &own), own.isEmpty else { return false }
        if rest.elementsEqual("*".utf8) { return true }
        var isFound = false
        var isSeparated = true
        while let byte = rest.first {
            switch byte {
            case 0x20, 0x09: rest = rest.dropFirst()
            case 0x2C:
                rest = rest.dropFirst()
                isSeparated = true
            default:
                guard isSeparated, let candidate = takeTag(from: &rest) else { return false }
                isSeparated = false
                if candidate.elementsEqual(opaque) { isFound = true }
            }
        }
        return isFound
    }

    /// Takes one tag off the front and returns it without its weakness mark, or nil when none stands there. Unlike a quoted
    /// string, a tag has no escapes: it ends at the next quote, and a comma may be part of it.
    private static func takeTag<Slice: BidirectionalCollection<UInt8>>(from rest: inout Slice) -> Slice?
    where Slice.SubSequence == Slice {
        let quoted = rest.starts(with: "W/".utf8) ? rest.dropFirst(2) : rest
        guard quoted.first == 0x22 else { return nil }
        let content = quoted.dropFirst()
        guard let end = content.firstIndex(where: { !isTagByte($0) }), content[end] == 0x22 else {
            return nil
        }
        rest = content[content.index(after: end)...]
        return content[..<end]
    }

    /// `etagc`.
    private static func isTagByte(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != 0x22 && byte != 0x7F
    }
}
