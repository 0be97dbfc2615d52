internal import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Another program that is run to its end for what it prints. It is started with an array of arguments, without a shell, and has
/// nothing to read.
public struct ChildProcess: Sendable {
    /// Where a program prints something.
    public enum Channel: Sendable, Hashable {
        /// Standard output.
        case output
        /// Standard error.
        case errors
    }

    /// How a program came to no end of its own.
    public enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
        /// The system could not start it: the error's number.
        case start(Int32)
        /// It took longer than it may.
        case timeout
        /// It printed more than it may.
        case tooMuchOutput
        /// A signal with this number ended it.
        case signal(Int32)
        /// Nobody waits for it any longer.
        case cancelled

        /// What happened, in words that follow the program's name.
        public var description: String {
            switch self {
            case .start(let number): "cannot be run: \(String(cString: strerror(number)))"
            case .timeout: "took too long"
            case .tooMuchOutput: "printed too much"
            case .signal(let number): "was ended by signal \(number)"
            case .cancelled: "was ended, since nobody waited for it any longer"
            }
        }
    }

    /// The program, found along `PATH` where it is no path.
    public var command: String
    /// Its arguments, without its name.
    public var arguments: [String]
    /// All of its environment.
    public var environment: [String: String]
    /// After how long it is ended.
    public var timeLimit: Duration
    /// How long it has between being asked to end (SIGTERM) and being killed; none, and it is killed at once.
    public var grace: Duration

    /// A program to run.
    public init(
        command: String,
        arguments: [String],
        environment: [String: String],
        timeLimit: Duration,
        grace: Duration = .zero
    ) {
        self.command = command
        self.arguments = arguments
        self.environment = environment
        self.timeLimit = timeLimit
        self.grace = grace
    }

    /// Runs the program, on a thread that may block. Cancelling the task ends it.
    ///
    /// - Parameter isWanted: takes what the program prints, piece by piece; when it returns false the program is killed.
    /// - Returns: the exit status.
    public func run(
        _ isWanted: @escaping @Sendable (Channel, ArraySlice<UInt8>) -> Bool
    ) async throws(Failure) -> Int32 {
        let cancellation = Cancellation()
        let result: Result<Int32, Failure> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                DispatchQueue.global(qos: .utility).async {
                    continuation.resume(
                        returning: Result { () throws(Failure) in try runBlocking(isWanted, cancellation) }
                    )
                }
            }
        } onCancel: {
            cancellation.cancel()
        }
        return try result.get()
    }

    private func runBlocking(
        _ isWanted: (Channel, ArraySlice<UInt8>) -> Bool,
        _ cancellation: Cancellation
    ) throws(Failure) -> Int32 {
        var output = try Pipe()
        defer { output.close() }
        var errors = try Pipe()
        defer { errors.close() }
        var wakeUp = try Pipe()
        defer { wakeUp.close() }
        guard cancellation.begin(wakingThrough: wakeUp.writing) else { throw .cancelled }
        // Before the pipe is closed.
        defer { cancellation.end() }
        let process = try start(output: output.writing, errors: errors.writing)
        output.closeWriting()
        errors.closeWriting()
        var reader = PipeReader(
            output: output.reading,
            errors: errors.reading,
            wakeUp: wakeUp.reading,
            deadline: .now + timeLimit
        )
        do {
            try reader.read(isWanted)
        } catch {
            // The group has whatever the program started too.
            if grace > .zero, error != .tooMuchOutput {
                kill(-process, SIGTERM)
                reader.deadline = .now + grace
                reader.ignoresWakeUp = true
                try? reader.read(isWanted)
            }
            kill(-process, SIGKILL)
            _ = Self.wait(for: process)
            throw error
        }
        let status = Self.wait(for: process)
        if status & 0x7F != 0 { throw .signal(status & 0x7F) }
        return status >> 8 & 0xFF
    }

    /// The status that the process ended with.
    private static func wait(for process: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status
    }

    /// Starts the program as the leader of a process group, with default signal handling and nothing to read.
    private func start(output: Int32, errors: Int32) throws(Failure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK)
        )
        posix_spawnattr_setpgroup(&attributes, 0)
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)

        var process: pid_t = 0
        let variables = environment.map { "\($0.key)=\($0.value)" }
        let problem = withCStrings([command] + arguments) { argumentPointers in
            withCStrings(variables) { variablePointers in
                posix_spawnp(&process, command, &actions, &attributes, argumentPointers, variablePointers)
            }
        }
        guard problem == 0 else { throw .start(problem) }
        return process
    }
}

/// Tells the thread that runs a program that nobody waits any longer.
private final class Cancellation: Sendable {
    private struct State {
        var isCancelled = false
        /// What the thread polls beside the program's pipes; nil while it does not run.
        var descriptor: Int32?
    }

    private let state = Mutex(State())

    /// False when it was cancelled before.
    func begin(wakingThrough descriptor: Int32) -> Bool {
        state.withLock { state in
            state.descriptor = descriptor
            return !state.isCancelled
        }
    }

    func end() {
        state.withLock { $0.descriptor = nil }
    }

    func cancel() {
        state.withLock { state in
            state.isCancelled = true
            if let descriptor = state.descriptor { _ = write(descriptor, [0], 1) }
        }
    }
}

/// Calls `body` with the texts as C has them: an array of pointers, ended by nil.
private func withCStrings<Result>(
    _ texts: [String],
    _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let pointers = texts.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers + [nil])
}
