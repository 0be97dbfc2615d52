import Glibc

/// Threads for what blocks.
enum Threads {
    private final class Box: Sendable {
        let work: @Sendable () -> Void

        init(_ work: @escaping @Sendable () -> Void) {
            self.work = work
        }
    }

    static func run(_ work: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Box(work))
        var thread = pthread_t()
        let outcome = pthread_create(
            &thread,
            nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Box>.fromOpaque(context).takeRetainedValue().work()
                return nil
            },
            box.toOpaque()
        )
        guard outcome == 0 else { fatalError("pthread_create: \(outcome)") }
        pthread_detach(thread)
    }
}
