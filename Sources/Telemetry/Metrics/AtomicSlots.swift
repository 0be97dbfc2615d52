internal import Synchronization

/// A few 64-bit numbers that threads change without a lock.
///
/// They have cache lines of their own, so that bumping one metric does not slow the threads that bump another. All
/// orderings are relaxed: the numbers are only ever read one by one.
struct AtomicSlots: ~Copyable, @unchecked Sendable {
    private let storage: UnsafeMutableRawPointer
    private let slots: UnsafeMutablePointer<Atomic<UInt64>>
    let count: Int

    private static let cacheLine = 64

    /// That many zeros.
    init(count: Int) {
        let size = count * MemoryLayout<Atomic<UInt64>>.stride
        let lines = (size + Self.cacheLine - 1) / Self.cacheLine
        storage = .allocate(byteCount: lines * Self.cacheLine, alignment: Self.cacheLine)
        slots = storage.bindMemory(to: Atomic<UInt64>.self, capacity: count)
        for index in 0..<count { (slots + index).initialize(to: Atomic(0)) }
        self.count = count
    }

    deinit {
        slots.deinitialize(count: count)
        storage.deallocate()
    }

    subscript(index: Int) -> UInt64 {
        get { slots[index].load(ordering: .relaxed) }
        nonmutating set { slots[index].store(newValue, ordering: .relaxed) }
    }

    /// Adds to an integer.
    func add(_ amount: UInt64, at index: Int) {
        slots[index].wrappingAdd(amount, ordering: .relaxed)
    }

    /// Adds to a slot that holds the bits of a floating-point number.
    func add(double amount: Double, at index: Int) {
        var known = slots[index].load(ordering: .relaxed)
        while true {
            let sum = (Double(bitPattern: known) + amount).bitPattern
            let (exchanged, found) = slots[index].weakCompareExchange(
                expected: known,
                desired: sum,
                ordering: .relaxed
            )
            if exchanged { return }
            known = found
        }
    }
}
