/// A hash table from byte strings to integers, made once and then only read: open addressing, FNV-1a.
///
/// A look-up takes the same few steps however many keys there are, and makes no string of the bytes it is asked for.
/// The keys are the server's own route literals, so nobody outside can choose them to collide.
struct ByteKeyTable: Sendable {
    private struct Slot: Sendable {
        var hash: UInt64 = 0
        var key: [UInt8] = []
        var value = -1
    }

    private var slots: [Slot]
    private let mask: Int

    init(_ entries: [(key: [UInt8], value: Int)]) {
        var capacity = 4
        while capacity < entries.count * 3 { capacity *= 2 }
        slots = Array(repeating: Slot(), count: capacity)
        mask = capacity - 1
        for entry in entries {
            let hash = Self.hash(entry.key.span, 0, entry.key.count)
            var index = Int(truncatingIfNeeded: hash) & mask
            while slots[index].value >= 0 { index = (index + 1) & mask }
            slots[index] = Slot(hash: hash, key: entry.key, value: entry.value)
        }
    }

    /// The value of the key that `bytes` spells from `start` to `end`, or nil.
    func value(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int? {
        let hash = Self.hash(bytes, start, end)
        var index = Int(truncatingIfNeeded: hash) & mask
        while slots[index].value >= 0 {
            if slots[index].hash == hash, slots[index].key.count == end - start {
                var offset = 0
                while offset < end - start, slots[index].key[offset] == bytes[start + offset] { offset += 1 }
                if offset == end - start { return slots[index].value }
            }
            index = (index + 1) & mask
        }
        return nil
    }

    @inline(__always)
    private static func hash(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var index = start
        while index < end {
            hash = (hash ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01B3
            index += 1
        }
        return hash
    }
}
