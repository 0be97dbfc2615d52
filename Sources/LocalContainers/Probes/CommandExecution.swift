internal import Glibc

/// A command that is run in a container's environment, to its end or for a limited time: an exec probe's, or a hook's of the
/// container's lifecycle.
public struct CommandExecution: Sendable {
    /// What came of it.
    public struct Result: Sendable, Hashable {
        /// How it ended.
        public let exit: ContainerExit
        /// Whether it was killed because its time was over.
        public let timedOut: Bool
        /// Its output, or as much of the end of it as the log's rotation leaves.
        public let output: String
    }

    private let specification: ContainerSpecification
    private let shim: String

    /// An execution. The log is removed afterwards.
    public init(specification: ContainerSpecification, shim: String = "/proc/self/exe") {
        self.specification = specification
        self.shim = shim
    }

    /// Runs the command. It is killed with all its descendants when it takes longer than the timeout, or when the task is
    /// cancelled.
    public func run(timeout: Duration) async -> Swift.Result<Result, ContainerStartError> {
        // There may be a log of a command that did not start, too.
        defer { unlink(specification.logPath) }
        let container: LocalContainer
        do {
            container = try await LocalContainer.start(specification, shim: shim)
        } catch {
            return .failure(error)
        }
        let (exit, timedOut) = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                // Also when the task is cancelled; and when the command has ended, which a stop does not hurt.
                defer { container.stop(grace: .zero) }
                do {
                    try await ContinuousClock().sleep(for: timeout)
                    return true
                } catch {
                    return false
                }
            }
            let exit = await container.waitForExit()
            group.cancelAll()
            return (exit, await group.next() ?? false)
        }
        let output = try? await ContainerLog(path: specification.logPath).read().collect()
        return .success(
            Result(
                exit: exit,
                timedOut: timedOut && exit.cause == .signal(SIGKILL),
                output: String(decoding: output ?? [], as: UTF8.self)
            )
        )
    }
}
