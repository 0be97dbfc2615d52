internal import Processes
import Synchronization

/// A program that is run to its end for the credentials that it prints.
struct ExecProcess: Sendable {
    /// The program, found along `PATH` where it is no path.
    var command: String
    var arguments: [String]
    var environment: [String: String]
    /// When it is killed.
    var timeLimit: Duration = .seconds(60)

    /// What the program printed, and how it ended.
    struct Outcome: Sendable {
        var output: [UInt8]
        /// The beginning of what it wrote to standard error.
        var errors: [UInt8]
        var exitStatus: Int32
    }

    typealias Failure = ChildProcess.Failure

    static let longestOutput = 1 << 20
    static let longestErrors = 4096

    /// Runs the program, on a thread that may block.
    func run() async throws(Failure) -> Outcome {
        let process = ChildProcess(
            command: command,
            arguments: arguments,
            environment: environment,
            timeLimit: timeLimit
        )
        let printed = Mutex(Outcome(output: [], errors: [], exitStatus: 0))
        let status = try await process.run { channel, bytes in
            printed.withLock { printed in
                switch channel {
                case .output: printed.output += bytes
                case .errors: printed.errors += bytes.prefix(Self.longestErrors - printed.errors.count)
                }
                return printed.output.count <= Self.longestOutput
            }
        }
        var outcome = printed.withLock(\.self)
        outcome.exitStatus = status
        return outcome
    }
}
