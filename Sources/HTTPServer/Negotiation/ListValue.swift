/// Reading of list-valued fields, RFC 9110 §5.6: elements between commas, parameters between semicolons, quoted strings.
enum ListValue {
    /// Splits at `separator`, but not inside quoted strings, and trims white space; empty elements are left out (§5.6.1.2).
    static func split<Bytes: Collection<UInt8>>(_ value: Bytes, at separator: UInt8) -> [Bytes.SubSequence] {
        var parts: [Bytes.SubSequence] = []
        var start = value.startIndex
        var index = value.startIndex
        var isQuoted = false
        while index < value.endIndex {
            let byte = value[index]
            if isQuoted, byte == 0x5C, value.index(after: index) < value.endIndex {
                index = value.index(after: index)
            } else if byte == 0x22 {
                isQuoted.toggle()
            } else if byte == separator, !isQuoted {
                parts.append(trimmed(value[start..<index]))
                start = value.index(after: index)
            }
            index = value.index(after: index)
        }
        parts.append(trimmed(value[start...]))
        return parts.filter { !$0.isEmpty }
    }

    /// `value` without spaces and tabs at its ends.
    static func trimmed<Bytes: Collection<UInt8>>(_ value: Bytes) -> Bytes.SubSequence {
        var slice = value[...]
        while let first = slice.first, first == 0x20 || first == 0x09 { slice = slice.dropFirst() }
        var end = slice.endIndex
        var index = slice.startIndex
        var lastKept = slice.startIndex
        var isEmpty = true
        while index < slice.endIndex {
            if slice[index] != 0x20, slice[index] != 0x09 {
                lastKept = index
                isEmpty = false
            }
            index = slice.index(after: index)
        }
        end = isEmpty ? slice.startIndex : slice.index(after: lastKept)
        return slice[..<end]
    }

    /// Whether `bytes` spells `name`, which is in lower case, in any case.
    static func isEqual(_ bytes: some Collection<UInt8>, _ name: StaticString) -> Bool {
        guard bytes.count == name.utf8CodeUnitCount else { return false }
        return zip(bytes, name.utf8Buffer).allSatisfy { ByteClass.lowercased($0) == $1 }
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

    /// An element without its parameters, and its quality: 1000 when it has none, 0 when what it has is malformed.
    static func weighted<Bytes: Collection<UInt8>>(
        _ element: Bytes
    ) -> (name: Bytes.SubSequence.SubSequence, parameters: [Bytes.SubSequence], quality: Int)
    where Bytes.SubSequence.SubSequence == Bytes.SubSequence {
        let parts = split(element, at: 0x3B)
        var quality = 1000
        var parameters: [Bytes.SubSequence] = []
        for part in parts.dropFirst() {
            let name = part.prefix { $0 != 0x3D }
            if isEqual(name, "q") {
                quality = self.quality(part.dropFirst(name.count + 1)) ?? 0
                break
            }
            parameters.append(part)
        }
        return (parts.first ?? element[element.startIndex..<element.startIndex], parameters, quality)
    }
}
