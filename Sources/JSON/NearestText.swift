extension String {
    /// The text of a list that is most like this one, for "did you mean": it differs by at most a third of its letters, inserted,
    /// left out, changed or swapped with a neighbour. Nil when none does.
    public func nearest(among texts: some Sequence<String>) -> String? {
        let own = Array(lowercased().utf8)
        guard own.count <= 128 else { return nil }
        var best: (text: String, distance: Int)?
        for text in texts {
            let other = Array(text.lowercased().utf8)
            let most = Swift.min(Swift.max(1, other.count / 3), (best?.distance ?? .max) - 1)
            guard let distance = EditDistance.between(own, other, limit: most) else { continue }
            best = (text, distance)
        }
        return best?.text
    }
}
