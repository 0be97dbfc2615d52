/// Entity tags in `If-None-Match`, RFC 9110 §8.8.3 and §13.1.2.
enum EntityTag {
    /// Whether `tag` matches some tag of the list, or the list is `*`, by weak comparison. A list that is malformed matches
    /// nothing, so that the worst it can do is cause an answer in full.
    static func matchesWeakly(_ tag: some Collection<UInt8>, in list: some Collection<UInt8>) -> Bool {
        if ListValue.trimmed(list).elementsEqual([0x2A]) { return true }
        let own = opaque(tag[...])
        var isFound = false
        for element in ListValue.split(list, at: 0x2C) {
            let candidate = opaque(element)
            guard isWellFormed(candidate) else { return false }
            if candidate.elementsEqual(own) { isFound = true }
        }
        return isFound
    }

    private static func opaque<Bytes: Collection<UInt8>>(_ tag: Bytes) -> Bytes.SubSequence {
        tag.starts(with: [0x57, 0x2F]) ? tag.dropFirst(2) : tag[...]
    }

    /// A quoted string of `etagc` bytes.
    private static func isWellFormed(_ tag: some Collection<UInt8>) -> Bool {
        guard tag.count >= 2, tag.first == 0x22 else { return false }
        var index = 0
        for byte in tag {
            index += 1
            if index == 1 { continue }
            if index == tag.count { return byte == 0x22 }
            guard byte > 0x20, byte != 0x22, byte != 0x7F else { return false }
        }
        return false
    }
}
