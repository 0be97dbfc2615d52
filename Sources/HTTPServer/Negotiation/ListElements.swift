/// The elements of a list between separators, RFC 9110 §5.6.1, without an array to hold them.
///
/// A separator inside a quoted string separates nothing. White space around elements, and empty elements, are left out
/// (§5.6.1.2).
struct ListElements<Slice: BidirectionalCollection<UInt8>>: Sequence, IteratorProtocol
where Slice.SubSequence == Slice {
    private var rest: Slice
    private let separator: UInt8

    init(_ list: Slice, separatedBy separator: UInt8) {
        rest = list
        self.separator = separator
    }

    mutating func next() -> Slice? {
        while !rest.isEmpty {
            let end = endOfElement
            let element = ListValue.trimmed(rest[..<end])
            rest = rest[end...].dropFirst()
            if !element.isEmpty { return element }
        }
        return nil
    }

    private var endOfElement: Slice.Index {
        var index = rest.startIndex
        var isQuoted = false
        while index < rest.endIndex {
            let byte = rest[index]
            if byte == separator, !isQuoted { return index }
            if byte == 0x22 { isQuoted.toggle() }
            rest.formIndex(after: &index)
            // In a quoted string a backslash takes the next byte's meaning away (§5.6.4).
            if byte == 0x5C, isQuoted, index < rest.endIndex { rest.formIndex(after: &index) }
        }
        return index
    }
}
