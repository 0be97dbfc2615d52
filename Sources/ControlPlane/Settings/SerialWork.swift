/// Does one piece of work after the other, in the order in which they were asked for. Work that has begun is done to its end, also
/// when who asked for it has gone.
actor SerialWork {
    private var last: Task<Void, Never>?

    /// The result of `work`, once that of all work before it has been done.
    func run<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) async -> Value {
        let earlier = last
        let task = Task {
            await earlier?.value
            return await work()
        }
        last = Task { _ = await task.value }
        return await task.value
    }
}
