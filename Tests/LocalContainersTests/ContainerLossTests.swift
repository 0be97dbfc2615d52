internal import Glibc
internal import LocalContainers
internal import Testing

@Suite(.timeLimit(.minutes(10)))
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

    @Test("SIGKILL to the shim ends all processes of the container and is told as an unknown end")
    func shimKilled() async throws {
        let pipe = try NamedPipe(scratch.file("pipe"))
        let container = try await shell(
            """
            setsid sh -c 'trap "" TERM HUP; echo $$ > $SCRATCH/pipe; while :; do sleep 1; done' &
            sh -c 'trap "" TERM HUP; echo $$ > $SCRATCH/pipe; while :; do sleep 1; done' &
            echo $$ > $SCRATCH/pipe
            wait
            """,
            in: scratch
        )
        let processes = await pipe.lines(3).compactMap { Int32($0) }
        #expect(processes.count == 3)
        kill(try parent(of: container.processID), SIGKILL)
        let exit = await container.waitForExit()
        #expect(exit.cause == .unwatched)
        #expect(exit.reason == "ContainerStatusUnknown" && exit.exitCode == 137)
        for process in processes { await waitForEnd(of: process) }
    }

    @Test("What an owner's containers have left is ended, and nobody else's processes")
    func leftovers() async throws {
        let pipe = try NamedPipe(scratch.file("pipe"))
        // Nothing that is just being executed, whose environment cannot be seen for a moment.
        let end = try NamedPipe(scratch.file("end"))
        let script = "exec 3< \(end.path); echo $$ > \(pipe.path); read line <&3"
        func orphan(_ owner: String) async throws -> Int32 {
            _ = try start(["/usr/bin/env", "INGOT_CONTAINER=\(owner)/1", "/bin/sh", "-c", script])
            return try #require(await pipe.lines(1).first.flatMap { Int32($0) })
        }
        let own = [try await orphan(scratch.path), try await orphan(scratch.path)]
        let other = try await orphan("\(scratch.path)-other")
        #expect(await Leftovers.kill(owner: scratch.path) == 2)
        for process in own { #expect(waitpid(process, nil, 0) == process) }
        #expect(waitpid(other, nil, WNOHANG) == 0)
        #expect(await Leftovers.kill(owner: scratch.path) == 0)
        kill(other, SIGKILL)
        waitpid(other, nil, 0)
    }

    private func parent(of process: Int32) throws -> Int32 {
        let file = try #require(fopen("/proc/\(process)/stat", "r"))
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 1024)
        fgets(&line, 1024, file)
        let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        // After the name, which may hold anything, come the state and the parent.
        let fields = try #require(text.split(separator: ")").last).split(separator: " ")
        return try #require(Int32(fields[1]))
    }

    /// Starts a program that is not a container, with a standard input that has no end and an output that nobody sees.
    private func start(_ command: [String]) throws -> Int32 {
        var arguments = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        let input = try NamedPipe(scratch.file("input-\(UInt64.random(in: 0 ... .max))"))
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
