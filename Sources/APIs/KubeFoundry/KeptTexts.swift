/// An answer that is kept as it was written.
struct KeptAnswer: Sendable {
    /// The JSON.
    var json: [UInt8] = []
    /// The entity tag. Another answer has another tag, that of another process too.
    var entityTag = ""
}

/// The entries of a list as they were written last, by name. What they are made of comes in an order of its own, by whose numbers
/// they are found.
struct KeptTexts<Text: Sendable>: Sendable {
    /// The entries by name.
    private(set) var byName: [Text] = []
    /// Where in `byName` each of them is, in the order that they come in.
    private var places: [Int] = []

    /// No entries.
    init() {}

    /// Writes the entries with these names.
    init(names: [String], text: (Int) -> Text) {
        let order = names.indices.sorted { names[$0] < names[$1] }
        places = Array(repeating: 0, count: order.count)
        for (place, index) in order.enumerated() { places[index] = place }
        byName = order.map(text)
    }

    /// An entry by its number in the order that they come in.
    subscript(_ index: Int) -> Text {
        get { byName[places[index]] }
        set { byName[places[index]] = newValue }
    }
}
