internal import Glibc
internal import LocalContainers
internal import Testing

@Suite(.timeLimit(.minutes(10)))
struct ContainerStartTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func failure(_ change: (inout ContainerSpecification) -> Void) async -> ContainerStartError? {
        do {
            let container = try await shell("exit 0", in: scratch, change)
            _ = await container.waitForExit()
            return nil
        } catch {
            return error as? ContainerStartError
        }
    }

    @Test("A command that is not on the container's PATH says so in the words of a container runtime")
    func notFound() async throws {
        let error = try #require(await failure { $0.command = ["no-such-command"] })
        #expect(error.description == #"exec: "no-such-command": executable file not found in $PATH"#)
        #expect(error.code == ENOENT)
        #expect(ContainerStartError.exitCode == 128 && ContainerStartError.reason == "StartError")
    }

    @Test("The command is looked for on the PATH that the container has")
    func ownPath() async throws {
        let pipe = try NamedPipe(scratch.file("pipe"))
        try await scratch.write(program: "#!/bin/sh\necho found > $SCRATCH/pipe\n", to: "only-here")
        let container = try await shell("", in: scratch) {
            $0.command = ["only-here"]
            $0.environment["PATH"] = scratch.path
        }
        #expect(await pipe.lines(1) == ["found"])
        #expect(await container.waitForExit().cause == .code(0))
    }

    @Test("A file that is no program, a missing folder and a missing log folder each name what is wrong")
    func otherFailures() async throws {
        try scratch.write("text", to: "file")
        let notExecutable = try #require(await failure { $0.command = [scratch.file("file")] })
        #expect(notExecutable.description == "exec: \"\(scratch.file("file"))\": Permission denied")
        let directory = try #require(await failure { $0.workingDirectory = "/no/such/folder" })
        #expect(
            directory.description == #"chdir to cwd ("/no/such/folder") failed: No such file or directory"#
        )
        let log = try #require(await failure { $0.logPath = "/no/such/folder/log" })
        #expect(log.stage == .log && log.subject == "/no/such/folder/log")
        let argument = try #require(await failure { $0.command = ["echo", "a\0b"] })
        #expect(argument.code == EINVAL)
        let empty = try #require(await failure { $0.command = [] })
        #expect(empty.stage == .exec)
    }

    @Test("A shim that does not exist, and one that is none, fail the start")
    func noShim() async throws {
        let specification = ContainerSpecification(command: ["true"], logPath: scratch.file("log"))
        await #expect(throws: ContainerStartError.self) {
            try await LocalContainer.start(specification, shim: "/no/such/shim")
        }
        await #expect(throws: ContainerStartError.self) {
            try await LocalContainer.start(specification, shim: "/bin/true")
        }
    }

    @Test("Arguments and environments of megabytes arrive whole, with any characters")
    func largeRequest() async throws {
        let argument = String(repeating: "ä=\"\n$", count: 15_000)
        let container = try await shell("", in: scratch) {
            // One string may have 128 KiB (MAX_ARG_STRLEN), all together a quarter of the stack's limit.
            $0.command =
                ["/bin/sh", "-c", #"printf '%s' "$@" | wc -c; printf '%s' "$LARGE" | wc -c"#, "sh"]
                + Array(repeating: argument, count: 8)
            $0.environment["LARGE"] = argument
        }
        #expect(await container.waitForExit().cause == .code(0))
        let size = argument.utf8.count
        #expect(contents(of: scratch.read("log")) == ["\(8 * size)", "\(size)"])
    }

    @Test("A limit of open files holds for the process")
    func openFiles() async throws {
        let container = try await shell("ulimit -n; ulimit -c", in: scratch) { $0.openFileLimit = 77 }
        _ = await container.waitForExit()
        #expect(contents(of: scratch.read("log")) == ["77", "0"])
    }
}
