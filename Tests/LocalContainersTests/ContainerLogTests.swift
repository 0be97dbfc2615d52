internal import Glibc
internal import JSON
internal import LocalContainers
internal import Testing

@Suite(.timeLimit(.minutes(10)))
struct ContainerLogTests {
    let scratch: Scratch
    let log: ContainerLog

    init() throws {
        scratch = try Scratch()
        log = ContainerLog(path: scratch.file("log"))
    }

    private func text(_ options: ContainerLogOptions = ContainerLogOptions()) async throws -> String {
        String(decoding: try await log.read(options).collect(), as: UTF8.self)
    }

    @Test("A line is written with its time, stream and tag; the last one need not end")
    func form() async throws {
        let before = Timestamp.now()
        _ = try await shell("echo one; echo two >&2; printf three", in: scratch).waitForExit()
        let after = Timestamp.now()
        let lines = scratch.read("log").split(separator: "\n").map { $0.split(separator: " ") }
        #expect(lines.allSatisfy { $0.count == 4 && $0[2] == "F" })
        #expect(Set(lines.map { "\($0[1]) \($0[3])" }) == ["stdout one", "stderr two", "stdout three"])
        for line in lines {
            let time = try #require(Timestamp(rfc3339: String(line[0])))
            #expect(time >= before && time <= after)
            #expect(line[0].utf8.count == "2026-11-21T08:46:45.841413028Z".utf8.count)
        }
        #expect(try await text().split(separator: "\n").count == 3)
    }

    @Test(
        "A line that is too long is written in parts and read as one",
        arguments: [16383, 16384, 16385, 100_000]
    )
    func longLine(length: Int) async throws {
        _ = try await shell("head -c \(length) /dev/zero | tr '\\0' x; echo; echo end", in: scratch)
            .waitForExit()
        #expect(try await text() == String(repeating: "x", count: length) + "\nend\n")
        #expect(scratch.read("log").split(separator: "\n").count == (length + 16383) / 16384 + 1)
        let times = try await text(ContainerLogOptions(timestamps: true)).split(separator: "\n")
        #expect(times.count == 2 && times.allSatisfy { $0.contains("Z ") })
    }

    @Test("Empty lines, spaces and bytes that are no text come through")
    func anyBytes() async throws {
        _ = try await shell(#"printf '\n  a  b \n\n\377\000\r\n'"#, in: scratch).waitForExit()
        let bytes = try await log.read().collect()
        #expect(bytes == Array("\n  a  b \n\n".utf8) + [0xFF, 0x00, 0x0D, 0x0A])
    }

    @Test("The last lines are found", arguments: [0, 1, 2, 5, 1000])
    func tail(count: Int) async throws {
        _ = try await shell("for i in 1 2 3 4 5; do echo $i; done", in: scratch).waitForExit()
        let expected = (1...5).suffix(count).map { "\($0)\n" }.joined()
        #expect(try await text(ContainerLogOptions(tailLines: count)) == expected)
    }

    @Test("Lines from a time on, of at most so many bytes, with times")
    func filters() async throws {
        let lines = (1...4).map { "2026-01-0\($0)T00:00:00.000000000Z stdout F day \($0)" }
        try scratch.write(lines.joined(separator: "\n") + "\n", to: "log")
        let since = Timestamp(rfc3339: "2026-01-03T00:00:00Z")
        #expect(try await text(ContainerLogOptions(since: since)) == "day 3\nday 4\n")
        #expect(try await text(ContainerLogOptions(tailLines: 3, since: since)) == "day 3\nday 4\n")
        #expect(try await text(ContainerLogOptions(limitBytes: 8)) == "day 1\nda")
        #expect(try await text(ContainerLogOptions(limitBytes: 0)) == "")
        #expect(
            try await text(ContainerLogOptions(tailLines: 1, timestamps: true))
                == "2026-01-04T00:00:00.000000000Z day 4\n"
        )
    }

    @Test("A log that does not exist is an error")
    func missing() async throws {
        let error = await #expect(throws: ContainerLogError.self) { try await log.read() }
        #expect(error?.isNotFound == true)
        await #expect(throws: ContainerLogError.self) {
            try await log.read(ContainerLogOptions(follow: true))
        }
    }

    @Test("A follower gets each line as it is written, and the end when the container ends")
    func follow() async throws {
        let go = try NamedPipe(scratch.file("go"))
        let container = try await shell(
            "echo first; while read line; do [ $line = end ] && exit 0; echo $line; done < $SCRATCH/go",
            in: scratch
        )
        var chunks = try await log.read(ContainerLogOptions(follow: true)).makeAsyncIterator()
        #expect(await chunks.next() == Array("first\n".utf8))
        for word in ["second", "third"] {
            try go.write("\(word)\n")
            #expect(await chunks.next() == Array("\(word)\n".utf8))
        }
        try go.write("end\n")
        #expect(await chunks.next() == nil)
        #expect(await container.waitForExit().cause == .code(0))
        // And a follower that comes late is not kept waiting.
        #expect(try await text(ContainerLogOptions(follow: true)) == "first\nsecond\nthird\n")
    }

    @Test("A follower whose task is cancelled stops waiting")
    func cancellation() async throws {
        let container = try await shell("echo first; exec sleep 1000", in: scratch)
        let started = AsyncStream.makeStream(of: Void.self)
        let log = log
        let follower = Task {
            for await _ in try await log.read(ContainerLogOptions(follow: true)) {
                started.continuation.yield()
            }
        }
        for await _ in started.stream { break }
        follower.cancel()
        try await follower.value
        container.stop(grace: .zero)
        _ = await container.waitForExit()
    }

    @Test("A follower ends when the log's folder is removed")
    func removal() async throws {
        mkdir(scratch.file("folder"), 0o700)
        let container = try await shell("echo first; exec sleep 1000", in: scratch) {
            $0.logPath = scratch.file("folder/log")
        }
        let bytes = try await ContainerLog(path: scratch.file("folder/log")).read(
            ContainerLogOptions(follow: true)
        )
        var chunks = bytes.makeAsyncIterator()
        #expect(await chunks.next() != nil)
        unlink(scratch.file("folder/log"))
        rmdir(scratch.file("folder"))
        #expect(await chunks.next() == nil)
        container.stop(grace: .zero)
        _ = await container.waitForExit()
    }

    @Test("Two hundred followers of one folder need one inotify instance")
    func manyFollowers() async throws {
        let container = try await shell("echo first; exec sleep 1000", in: scratch)
        let log = log
        let first = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    var text: [UInt8] = []
                    for await chunk in try await log.read(ContainerLogOptions(follow: true)) {
                        first.continuation.yield()
                        text += chunk
                    }
                    return String(decoding: text, as: UTF8.self)
                }
            }
            var begun = 0
            for await _ in first.stream {
                begun += 1
                if begun == 200 { break }
            }
            container.stop(grace: .seconds(60))
            for try await text in group { #expect(text == "first\n") }
        }
    }

    @Test("The logs of earlier runs are found by their number, and removed")
    func folder() async throws {
        let folder = ContainerLogFolder(path: scratch.file("pod/container"))
        try folder.create()
        try folder.create()
        for run in 0..<3 {
            let container = try await shell("echo run \(run)", in: scratch) {
                $0.logPath = folder.log(restart: run).path
            }
            _ = await container.waitForExit()
        }
        let previous = try await folder.log(restart: 1).read().collect()
        #expect(String(decoding: previous, as: UTF8.self) == "run 1\n")
        folder.removeLogs(before: 2)
        await #expect(throws: ContainerLogError.self) { try await folder.log(restart: 1).read() }
        #expect(try await folder.log(restart: 2).read().collect() == Array("run 2\n".utf8))
    }
}
