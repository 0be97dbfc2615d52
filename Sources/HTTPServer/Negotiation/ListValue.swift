/// The small parts that list-valued fields are made of, RFC 9110 §5.6.
enum ListValue {
    /// The elements between commas.
    static func elements<Bytes: BidirectionalCollection<UInt8>>(of value: Bytes) -> ListElements<
        Bytes.SubSequence
    > {
        ListElements(value[...], separatedBy: 0x2C)
    }

    /// Whether the list has an element that spells `name`, which is in lower case, in any case.
    static func contains(_ name: StaticString, in value: some BidirectionalCollection<UInt8>) -> Bool {
        for element in elements(of: value) where isEqual(element, name) { return true }
        return false
    }

    /// `value` without spaces and tabs at its ends.
    static func trimmed<Bytes: BidirectionalCollection<UInt8>>(_ value: Bytes) -> Bytes.SubSequence {
        var slice = value.drop(while: isWhiteSpace)
        while let last = slice.last, isWhiteSpace(last) { slice = slice.dropLast() }
        return slice
    }

    /// Whether `bytes` spells `name`, which is in lower case, in any case.
    static func isEqual(_ bytes: some Collection<UInt8>, _ name: StaticString) -> Bool {
        bytes.lazy.map(ByteClass.lowercased).elementsEqual(name.utf8Buffer)
    }

    /// A quality value in thousandths (§12.4.2), or nil when it is malformed.
    static func quality(_ bytes: some Collection<UInt8>) -> Int? {
        var digits = bytes.makeIterator()
        guard let whole = digits.next(), whole == 0x30 || whole == 0x31 else { return nil }
        var value = Int(whole - 0x30) * 1000
        guard let point = digits.next() else { return value }
        guard point == 0x2E else { return nil }
        var weight = 100
        while let digit = digits.next() {
            guard ByteClass.isDigit(digit), weight > 0 else { return nil }
            value += Int(digit - 0x30) * weight
            weight /= 10
        }
        return value <= 1000 ? value : nil
    }

    private static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09
    }
}
