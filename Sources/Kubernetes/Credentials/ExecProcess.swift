internal import CLinux
internal import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A program that is run to its end for what it prints.
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

    enum Failure: Error, Hashable {
        /// The system could not start it: the error's number.
        case start(Int32)
        /// It took longer than it may.
        case timeout
        /// It printed more than it may.
        case tooMuchOutput
        /// A signal with this number ended it.
        case signal(Int32)
    }

    static let longestOutput = 1 << 20
    static let longestErrors = 4096

    /// Runs the program, on a thread that may block.
    func run() async throws(Failure) -> Outcome {
        let result = await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .utility).async {
                continuation.resume(returning: Result { () throws(Failure) in try runBlocking() })
            }
        }
        return try result.get()
    }

    private func runBlocking() throws(Failure) -> Outcome {
        var output = try Pipe()
        defer { output.close() }
        var errors = try Pipe()
        defer { errors.close() }
        let process = try start(output: output.writing, errors: errors.writing)
        output.closeWriting()
        errors.closeWriting()
        var outcome = Outcome(output: [], errors: [], exitStatus: 0)
        do {
            try read(output, errors, into: &outcome)
        } catch {
            // The group has whatever the program started too.
            kill(-process, SIGKILL)
            _ = wait(for: process)
            throw error
        }
        let status = wait(for: process)
        if status & 0x7F != 0 { throw .signal(status & 0x7F) }
        outcome.exitStatus = status >> 8 & 0xFF
        return outcome
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

    /// Reads both pipes to their ends.
    private func read(_ output: Pipe, _ errors: Pipe, into outcome: inout Outcome) throws(Failure) {
        let clock = ContinuousClock()
        let deadline = clock.now + timeLimit
        var polled = [
            pollfd(fd: output.reading, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errors.reading, events: Int16(POLLIN), revents: 0),
        ]
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while polled.contains(where: { $0.fd >= 0 }) {
            let left = clock.now.duration(to: deadline)
            guard left > .zero else { throw .timeout }
            let milliseconds =
                min(left.components.seconds, 1000) * 1000 + left.components.attoseconds
                / 1_000_000_000_000_000
            guard poll(&polled, nfds_t(polled.count), Int32(milliseconds) + 1) >= 0 || errno == EINTR else {
                break
            }
            for index in polled.indices where polled[index].revents != 0 {
                let count = Glibc.read(polled[index].fd, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                if count <= 0 {
                    polled[index].fd = -1
                    polled[index].revents = 0
                } else if index == 0 {
                    outcome.output.append(contentsOf: buffer[..<count])
                    guard outcome.output.count <= Self.longestOutput else { throw .tooMuchOutput }
                } else {
                    let room = Self.longestErrors - outcome.errors.count
                    outcome.errors.append(contentsOf: buffer[..<min(count, room)])
                }
            }
        }
    }

    /// The status that the process ended with.
    private func wait(for process: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status
    }
}

/// The two ends of a pipe, closed when another program is started.
private struct Pipe {
    private(set) var reading: Int32
    private(set) var writing: Int32

    init() throws(ExecProcess.Failure) {
        var ends: [Int32] = [-1, -1]
        guard ingot_pipe(&ends) == 0 else { throw .start(errno) }
        reading = ends[0]
        writing = ends[1]
    }

    mutating func closeWriting() {
        if writing >= 0 { Glibc.close(writing) }
        writing = -1
    }

    mutating func close() {
        closeWriting()
        if reading >= 0 { Glibc.close(reading) }
        reading = -1
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
