import JSON

/// The order of a merged list: that of the patch for the elements that it names, with the server's other elements where they
/// were among those.
struct ElementOrder {
    /// The field that tells elements apart; nil for scalars.
    let mergeKey: String?

    private func identity(_ element: JSONValue) -> JSONValue {
        mergeKey.map { element[$0] ?? .null } ?? element
    }

    private func positions(_ list: [JSONValue]) -> [JSONValue: Int] {
        Dictionary(
            list.enumerated().map { (identity($0.element), $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    func arranged(_ merged: [JSONValue], by order: [JSONValue], server: [JSONValue]) -> [JSONValue] {
        let wanted = positions(order)
        let known = positions(server)
        func sorted(_ elements: [JSONValue], _ places: [JSONValue: Int]) -> [JSONValue] {
            elements.enumerated().sorted { left, right in
                let places = (places[identity(left.element)] ?? .max, places[identity(right.element)] ?? .max)
                return places.0 == places.1 ? left.offset < right.offset : places.0 < places.1
            }.map(\.element)
        }
        var named = sorted(merged.filter { wanted[identity($0)] != nil }, wanted)[...]
        var others = sorted(merged.filter { wanted[identity($0)] == nil }, known)[...]
        var result: [JSONValue] = []
        while let name = named.first, let other = others.first {
            // An element that the server knows to stand before the patch's next one stays before it.
            if let left = known[identity(other)], let right = known[identity(name)], left < right {
                result.append(other)
                others.removeFirst()
            } else {
                result.append(name)
                named.removeFirst()
            }
        }
        return result + named + others
    }

    /// Checks that what the patch adds stands in the order it gives.
    static func check(_ changes: [JSONValue], _ order: [JSONValue], _ mergeKey: String?) throws(PatchError) {
        let arrangement = ElementOrder(mergeKey: mergeKey)
        let places = arrangement.positions(order)
        var last = -1
        for change in changes where change["$patch"] == nil {
            guard let place = places[arrangement.identity(change)], place > last else {
                throw .malformed(
                    "the order in patch list:\n\(JSONValue.array(changes))\n doesn't match $setElementOrder list:\n"
                        + "\(JSONValue.array(order))"
                )
            }
            last = place
        }
    }
}
