/// Values of different sizes, of which those are forgotten first that were not used for the longest time, so that the rest stays
/// within a number of bytes.
struct ByteBoundedCache<Key: Hashable & Sendable, Value: Sendable> {
    private struct Entry {
        var value: Value
        var byteCount: Int
        var lastUse: Int
    }

    /// The most bytes.
    let limit: Int
    private(set) var byteCount = 0
    private var entries: [Key: Entry] = [:]
    private var uses = 0

    init(limit: Int) {
        self.limit = limit
    }

    var count: Int { entries.count }

    /// The value with that key.
    mutating func value(_ key: Key) -> Value? {
        guard let index = entries.index(forKey: key) else { return nil }
        uses += 1
        entries.values[index].lastUse = uses
        return entries.values[index].value
    }

    /// Keeps a value, unless it alone is larger than all may be.
    mutating func keep(_ value: Value, byteCount size: Int, for key: Key) {
        remove(key)
        guard size <= limit else { return }
        uses += 1
        entries[key] = Entry(value: value, byteCount: size, lastUse: uses)
        byteCount += size
        if byteCount > limit { shrink() }
    }

    mutating func remove(_ key: Key) {
        if let old = entries.removeValue(forKey: key) { byteCount -= old.byteCount }
    }

    /// Forgets so much that an eighth is free: the entries need not be put in order again for each value that comes.
    private mutating func shrink() {
        let goal = limit - limit / 8
        for (key, entry) in entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
            guard byteCount > goal, entry.lastUse != uses else { return }
            remove(key)
        }
    }
}
