internal import Glibc
internal import LocalContainers
internal import Testing

@Suite(.timeLimit(.minutes(2)))
struct ContainerLossTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    @Test("A container that uses more memory than its limit is killed with all its processes")
    func outOfMemory() async throws {
        let pipe = try NamedPipe(scratch.file("pipe"))
        // The memory is a descendant's, in another session.
        let container = try await shell(
            """
            setsid python3 -c 'import os,signal
            with open(os.environ["SCRATCH"] + "/pipe", "w") as pipe: pipe.write(f"{os.getpid()}\\n")
            kept = bytearray(os.urandom(1)) * (96 << 20)
            signal.pause()' &
            wait
            """,
            in: scratch
        ) { $0.memoryLimit = 64 << 20 }
        let process = try #require(await pipe.lines(1).first.flatMap { Int32($0) })
        let exit = await container.waitForExit()
        guard case .outOfMemory(let used) = exit.cause else {
            Issue.record("\(exit.cause)")
            return
        }
        #expect(used > 64 << 20)
        #expect(exit.exitCode == 137 && exit.reason == "OOMKilled")
        #expect(kill(process, 0) == -1)
    }

    @Test("A container below its memory limit is left alone")
    func withinMemory() async throws {
        // More than one measurement happens while the script counts.
        let container = try await shell(
            "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; exit 5",
            in: scratch
        ) {
            $0.memoryLimit = 1 << 30
        }
        #expect(await container.waitForExit().cause == .code(5))
    }

    @Test("SIGKILL to the program that runs a container leaves no process of it, in whatever session")
    func parentKilled() async throws {
        let pipe = try NamedPipe(scratch.file("pipe"))
        let script = """
            trap '' TERM HUP INT
            setsid sh -c 'trap "" TERM HUP; echo $$ > \(pipe.path); while :; do sleep 1; done' &
            setsid sh -c 'setsid sh -c "echo \\$\\$ > \(pipe.path); exec sleep 1000" &'
            echo $$ > \(pipe.path)
            echo $PPID > \(pipe.path)
            while :; do sleep 1; done
            """
        let host = try start([fixture, "command", scratch.file("log"), "/bin/sh", "-c", script])
        let processes = await pipe.lines(4).compactMap { Int32($0) }
        #expect(processes.count == 4)
        #expect(processes.allSatisfy { kill($0, 0) == 0 })
        kill(host, SIGKILL)
        for process in processes { await waitForEnd(of: process) }
        waitpid(host, nil, 0)
    }

    @Test("SIGKILL to the shim ends the container's process and is told as an unknown end")
    func shimKilled() async throws {
        let pipe = try NamedPipe(scratch.file("pipe"))
        let container = try await shell(
            "trap '' TERM HUP; echo $PPID > $SCRATCH/pipe; while :; do sleep 1; done",
            in: scratch
        )
        let shim = try #require(await pipe.lines(1).first.flatMap { Int32($0) })
        kill(shim, SIGKILL)
        let exit = await container.waitForExit()
        #expect(exit.cause == .unwatched)
        #expect(exit.reason == "ContainerStatusUnknown" && exit.exitCode == 137)
        await waitForEnd(of: container.processID)
    }

    /// Starts a program that is not a container, with a standard input that has no end and an output that nobody sees.
    private func start(_ command: [String]) throws -> Int32 {
        var arguments = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        let input = try NamedPipe(scratch.file("input"))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input.path, O_RDWR, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        var process: Int32 = 0
        let code = posix_spawn(&process, command[0], &actions, nil, &arguments, environ)
        guard code == 0 else { throw SystemFailure(code: code) }
        return process
    }
}
