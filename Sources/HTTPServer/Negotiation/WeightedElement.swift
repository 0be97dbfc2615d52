/// An element of `Accept` and its like: a name, parameters, and how welcome it is (RFC 9110 §12.4.2).
struct WeightedElement<Slice: BidirectionalCollection<UInt8>> where Slice.SubSequence == Slice {
    let name: Slice
    /// How welcome, in thousandths; 0 for not at all.
    let quality: Int
    /// The text of the parameters between the name and the weight.
    private let parameterText: Slice

    /// Nil when the element has no name or its weight is malformed: nothing follows from such an element.
    init?(_ element: Slice) {
        name = ListValue.trimmed(element.prefix { $0 != 0x3B })
        guard !name.isEmpty else { return nil }
        let rest = element.drop { $0 != 0x3B }
        for parameter in ListElements(rest, separatedBy: 0x3B) {
            let key = parameter.prefix { $0 != 0x3D }
            guard ListValue.isEqual(ListValue.trimmed(key), "q") else { continue }
            let weight = ListValue.trimmed(parameter[key.endIndex...].dropFirst())
            guard let quality = ListValue.quality(weight) else { return nil }
            self.quality = quality
            parameterText = rest[..<parameter.startIndex]
            return
        }
        quality = 1000
        parameterText = rest
    }

    /// The parameters before the weight, each as `name=value`.
    var parameters: ListElements<Slice> {
        ListElements(parameterText, separatedBy: 0x3B)
    }
}
