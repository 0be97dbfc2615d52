import Glibc

/// Runs each job of a task on a thread of its own, so that a test may block on a socket without taking one of the few
/// threads on which the server's handlers run.
final class ThreadExecutor: TaskExecutor {
    private final class Box {
        let job: UnownedJob
        let executor: UnownedTaskExecutor

        init(_ job: UnownedJob, _ executor: UnownedTaskExecutor) {
            self.job = job
            self.executor = executor
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let box = Unmanaged.passRetained(Box(UnownedJob(job), asUnownedTaskExecutor()))
        var thread = pthread_t()
        let outcome = pthread_create(&thread, nil, Self.run, box.toOpaque())
        // Without a thread the job, and with it the test, would never end.
        guard outcome == 0 else { fatalError("pthread_create: \(outcome)") }
        pthread_detach(thread)
    }

    private static let run: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
        pointer in
        guard let pointer else { return nil }
        let box = Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue()
        box.job.runSynchronously(on: box.executor)
        return nil
    }
}
