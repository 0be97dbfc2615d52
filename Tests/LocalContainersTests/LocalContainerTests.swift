internal import Glibc
internal import JSON
internal import LocalContainers
internal import Testing

@Suite(.timeLimit(.minutes(10)))
struct LocalContainerTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    @Test("The exit code of the process is the container's", arguments: [0, 1, 3, 255] as [Int32])
    func exitCode(code: Int32) async throws {
        let exit = try await shell("exit \(code)", in: scratch).waitForExit()
        #expect(exit.cause == .code(code))
        #expect(exit.exitCode == code)
        #expect(exit.reason == (code == 0 ? "Completed" : "Error"))
        #expect(exit.finishedAt.seconds(since: exit.startedAt) >= 0)
    }

    @Test(
        "A process that a signal ends has 128 more than the signal as exit code",
        arguments: [SIGKILL, SIGSEGV, SIGUSR1]
    )
    func signal(number: Int32) async throws {
        let exit = try await shell("kill -\(number) $$", in: scratch).waitForExit()
        #expect(exit.cause == .signal(number))
        #expect(exit.exitCode == 128 + number)
        #expect(exit.reason == "Error")
    }

    @Test("Many tasks learn of the end, and those that ask after it")
    func manyWaiters() async throws {
        let container = try await shell("exit 4", in: scratch)
        async let first = container.waitForExit()
        async let second = container.waitForExit()
        let ends = await [first, second, container.waitForExit()]
        #expect(Set(ends).count == 1)
    }

    @Test("A process has the environment and the working directory that it was given, and nothing else")
    func environment() async throws {
        let container = try await shell(
            "/usr/bin/env; pwd; readlink /proc/self/fd/0; ls /proc/self/fd | wc -l",
            in: scratch
        ) {
            $0.environment = ["ONE": "1 =", "TWO": "zwei\nzeilen"]
            $0.workingDirectory = scratch.path
        }
        _ = await container.waitForExit()
        let lines = contents(of: scratch.read("log"))
        // The shell adds PWD (and, some, OLDPWD, SHLVL and _).
        let own = lines.filter {
            !$0.hasPrefix("PWD=") && !$0.hasPrefix("INGOT_CONTAINER=") && !$0.hasPrefix("_=")
                && !$0.hasPrefix("SHLVL=")
                && !$0.hasPrefix("OLDPWD=")
        }
        #expect(own == ["ONE=1 =", "TWO=zwei", "zeilen", scratch.path, "/dev/null", "4"])
    }

    @Test(
        "A process is in a session and a group of its own, with default signals, and unable to gain privileges"
    )
    func isolation() async throws {
        let container = try await shell("cat /proc/self/stat /proc/self/status", in: scratch)
        _ = await container.waitForExit()
        let lines = contents(of: scratch.read("log"))
        let stat = try #require(lines.first).split(separator: " ")
        #expect(stat[4] == "\(container.processID)" && stat[5] == "\(container.processID)")
        #expect(lines.contains("NoNewPrivs:\t1"))
        #expect(lines.contains("SigBlk:\t0000000000000000"))
        // The two that glibc keeps for itself are beyond sigaction(2)'s reach.
        let ignored = try #require(lines.first { $0.hasPrefix("SigIgn:\t") }).dropFirst(8)
        #expect(UInt64(ignored, radix: 16).map { $0 & ~0x1_8000_0000 } == 0)
    }

    @Test("Stopping sends SIGTERM and lets the process end in its own way")
    func stop() async throws {
        let pipe = try NamedPipe(scratch.file("pipe"))
        let container = try await shell(
            "trap 'exit 7' TERM; echo ready > $SCRATCH/pipe; while :; do sleep 1; done",
            in: scratch
        )
        _ = await pipe.lines(1)
        container.stop(grace: .seconds(60))
        #expect(await container.waitForExit().cause == .code(7))
    }

    @Test("A process that ignores SIGTERM is killed after the grace period")
    func ignoresTermination() async throws {
        let pipe = try NamedPipe(scratch.file("pipe"))
        let container = try await shell(
            "trap '' TERM; echo ready > $SCRATCH/pipe; while :; do sleep 1; done",
            in: scratch
        )
        _ = await pipe.lines(1)
        container.stop(grace: .milliseconds(100))
        #expect(await container.waitForExit().cause == .signal(SIGKILL))
    }

    @Test("A second stop shortens the grace period")
    func shorterGrace() async throws {
        let pipe = try NamedPipe(scratch.file("pipe"))
        let container = try await shell(
            "trap '' TERM; echo ready > $SCRATCH/pipe; while :; do sleep 1; done",
            in: scratch
        )
        _ = await pipe.lines(1)
        container.stop(grace: .seconds(3600))
        container.stop(grace: .seconds(0))
        #expect(await container.waitForExit().cause == .signal(SIGKILL))
    }

    @Test("Descendants end with the process, also those in sessions of their own")
    func descendants() async throws {
        let pipe = try NamedPipe(scratch.file("pipe"))
        // The second one is an orphan before the container ends.
        let container = try await shell(
            """
            setsid sh -c 'echo $$ > $SCRATCH/pipe; trap "" TERM; while :; do sleep 1; done' &
            setsid sh -c 'setsid sh -c "echo \\$\\$ > $SCRATCH/pipe; exec sleep 1000" &'
            read line < $SCRATCH/go
            """,
            in: scratch
        ) { _ in mkfifo(scratch.file("go"), 0o600) }
        let processes = await pipe.lines(2).compactMap { Int32($0) }
        #expect(processes.count == 2)
        #expect(processes.allSatisfy { kill($0, 0) == 0 })
        try scratch.write("go\n", to: "go")
        #expect(await container.waitForExit().cause == .code(0))
        #expect(processes.allSatisfy { kill($0, 0) == -1 && errno == ESRCH })
    }

    @Test("A hundred containers run at once, and all end")
    func hundred() async throws {
        let pipe = try NamedPipe(scratch.file("pipe"))
        let scratch = scratch
        let ends = try await withThrowingTaskGroup(of: (Int, ContainerExit).self) { group in
            for number in 0..<100 {
                group.addTask {
                    let container = try await shell(
                        "trap 'exit \(number)' TERM; echo $$ > $SCRATCH/pipe; while :; do sleep 1; done",
                        in: scratch
                    ) { $0.logPath = scratch.file("log-\(number)") }
                    return (number, await container.waitForExit())
                }
            }
            for process in await pipe.lines(100).compactMap({ Int32($0) }) { kill(process, SIGTERM) }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1.cause }
        }
        #expect(ends == Dictionary(uniqueKeysWithValues: (0..<100).map { ($0, .code(Int32($0))) }))
    }
}
