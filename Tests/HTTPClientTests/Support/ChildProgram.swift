import CLinux
import Glibc
import Synchronization

/// Another program, which ends with the test process at the latest.
final class ChildProgram: Sendable {
    struct EndedEarly: Error {
        let output: String
    }

    private struct State {
        var process: pid_t = -1
        var output = ""
        var hasEnded = false
        var waiters:
            [(isMet: @Sendable (String) -> Bool, continuation: CheckedContinuation<Void, any Error>)] =
                []
    }

    private let state = Mutex(State())

    /// Starts a program that is found on PATH. Its output is kept.
    init(_ arguments: [String]) {
        // `setpriv` has the kernel end the program when the thread that started it does, which is the one that waits for it.
        let command = ["setpriv", "--pdeathsig", "KILL"] + arguments
        Threads.run { [self] in run(command) }
    }

    private func run(_ command: [String]) {
        var ends: [Int32] = [-1, -1]
        guard ingot_pipe(&ends) == 0 else { return end() }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        var arguments = command.map { strdup($0) }
        arguments.append(nil)
        var process: pid_t = -1
        let outcome = posix_spawnp(&process, command[0], &actions, nil, arguments, environ)
        posix_spawn_file_actions_destroy(&actions)
        for argument in arguments { free(argument) }
        close(ends[1])
        guard outcome == 0 else {
            close(ends[0])
            return end()
        }
        state.withLock { $0.process = process }
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(ends[0], &buffer, buffer.count)
            guard count > 0 else { break }
            take(String(decoding: buffer.prefix(count), as: UTF8.self))
        }
        close(ends[0])
        waitpid(process, nil, 0)
        end()
    }

    private func take(_ text: String) {
        let found = state.withLock { state in
            state.output += text
            let output = state.output
            let found = state.waiters.filter { $0.isMet(output) }
            state.waiters.removeAll { $0.isMet(output) }
            return found
        }
        for waiter in found { waiter.continuation.resume() }
    }

    private func end() {
        let (waiters, output) = state.withLock { state in
            state.hasEnded = true
            state.process = -1
            defer { state.waiters = [] }
            return (state.waiters, state.output)
        }
        for waiter in waiters { waiter.continuation.resume(throwing: EndedEarly(output: output)) }
    }

    /// Waits until the program has written `text`, and returns all that it has written so far.
    func output(with text: String) async throws -> String {
        try await output { $0.contains(text) }
    }

    /// Waits until the program has written a whole line that begins so, and returns the first of them.
    func line(beginningWith start: String) async throws -> Substring {
        @Sendable func line(_ output: String) -> Substring? {
            output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().first {
                $0.hasPrefix(start)
            }
        }
        return line(try await output { line($0) != nil }) ?? ""
    }

    private func output(that isMet: @escaping @Sendable (String) -> Bool) async throws -> String {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let outcome: Result<Void, any Error>? = state.withLock { state in
                if isMet(state.output) { return .success(()) }
                if state.hasEnded { return .failure(EndedEarly(output: state.output)) }
                state.waiters.append((isMet, continuation))
                return nil
            }
            if let outcome { continuation.resume(with: outcome) }
        }
        return state.withLock(\.output)
    }

    /// Ends the program.
    func stop() {
        state.withLock { state in
            if state.process > 0 { kill(state.process, SIGKILL) }
        }
    }

    deinit {
        stop()
    }
}
