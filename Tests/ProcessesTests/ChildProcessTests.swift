import Processes
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct ChildProcessTests {
    /// What a shell printed.
    private final class Printed: Sendable {
        let texts = Mutex<[ChildProcess.Channel: String]>([:])

        func add(_ channel: ChildProcess.Channel, _ bytes: ArraySlice<UInt8>) {
            texts.withLock { $0[channel, default: ""] += String(decoding: bytes, as: UTF8.self) }
        }

        subscript(channel: ChildProcess.Channel) -> String { texts.withLock { $0[channel] ?? "" } }
    }

    private func shell(
        _ script: String,
        limit: Duration = .seconds(50),
        grace: Duration = .zero
    ) -> ChildProcess {
        ChildProcess(
            command: "/bin/sh",
            arguments: ["-c", script, "name", "an argument"],
            environment: ["SOME": "thing"],
            timeLimit: limit,
            grace: grace
        )
    }

    @Test func argumentsAndEnvironmentArriveAndOutputAndStatusComeBack() async throws {
        let printed = Printed()
        let status = try await shell("echo \"$1 $SOME $HOME.\"; echo oh >&2; exit 3").run { channel, bytes in
            printed.add(channel, bytes)
            return true
        }
        #expect(status == 3)
        #expect(printed[.output] == "an argument thing .\n" && printed[.errors] == "oh\n")
    }

    @Test func aProgramThatIsMissingCannotBeRun() async {
        let process = ChildProcess(
            command: "/nowhere/program",
            arguments: [],
            environment: [:],
            timeLimit: .seconds(5)
        )
        let failure = await #expect(throws: ChildProcess.Failure.self) {
            try await process.run { _, _ in true }
        }
        #expect(failure?.description == "cannot be run: No such file or directory")
    }

    @Test func aProgramThatTakesTooLongIsAskedToEndBeforeItIsKilled() async {
        // On a busy machine the limit may pass before the shell knows what to do then. Another one gets more time.
        let printed = Printed()
        var limit = Duration.milliseconds(300)
        repeat {
            let process = shell(
                "trap 'echo ended; exit 0' TERM; while :; do sleep 1 & wait $!; done",
                limit: limit,
                grace: .seconds(30)
            )
            await #expect(throws: ChildProcess.Failure.timeout) {
                try await process.run { channel, bytes in
                    printed.add(channel, bytes)
                    return true
                }
            }
            limit *= 3
        } while printed[.output].isEmpty && limit < .seconds(60)
        #expect(printed[.output] == "ended\n")
    }

    @Test func aProgramThatWillNotEndIsKilled() async {
        let process = shell(
            "trap '' TERM; while :; do sleep 1; done",
            limit: .milliseconds(100),
            grace: .milliseconds(100)
        )
        await #expect(throws: ChildProcess.Failure.timeout) { try await process.run { _, _ in true } }
    }

    @Test func cancellingEndsTheProgramAndWhatItStarted() async throws {
        let (started, start) = AsyncStream<Void>.makeStream()
        let task = Task {
            try await shell("sleep 1000 & echo begun; wait").run { _, _ in
                start.yield()
                return true
            }
        }
        for await _ in started { break }
        task.cancel()
        await #expect(throws: ChildProcess.Failure.cancelled) { try await task.value }
    }

    @Test func whatIsCancelledBeforehandIsNotStarted() async {
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await shell("exit 0").run { _, _ in true }
        }
        task.cancel()
        await #expect(throws: ChildProcess.Failure.cancelled) { try await task.value }
    }

    @Test func aProgramThatPrintsTooMuchIsKilled() async {
        await #expect(throws: ChildProcess.Failure.tooMuchOutput) {
            try await shell("while :; do echo more; done").run { _, _ in false }
        }
    }

    @Test func aSignalIsToldByItsNumber() async {
        await #expect(throws: ChildProcess.Failure.signal(9)) {
            try await shell("kill -9 $$").run { _, _ in true }
        }
    }
}
