/// What `body` returns; nil when it takes longer, and it is cancelled then.
func within<Value: Sendable>(
    _ time: Duration,
    _ body: @escaping @Sendable () async -> Value?
) async -> Value? {
    await withTaskGroup(of: Value?.self) { group in
        group.addTask { await body() }
        group.addTask {
            try? await Task.sleep(for: time)
            return nil
        }
        let first = await group.next() ?? nil
        group.cancelAll()
        return first
    }
}
