internal import Glibc
internal import LocalContainers
internal import Testing

@Suite(.timeLimit(.minutes(10)))
struct LogRotationTests {
    let scratch: Scratch
    let log: ContainerLog

    init() throws {
        scratch = try Scratch()
        log = ContainerLog(path: scratch.file("log"))
    }

    private func size(_ name: String) -> Int? {
        var status = stat()
        return stat(scratch.file(name), &status) == 0 ? status.st_size : nil
    }

    @Test(
        "Files do not exceed their size, and no more are kept than configured",
        arguments: [1, 2, 5] as [UInt32]
    )
    func rotation(files: UInt32) async throws {
        let container = try await shell("seq 1 2000", in: scratch) {
            $0.logRotation = LogRotation(maximumBytes: 4096, files: files)
        }
        _ = await container.waitForExit()
        let names = ["log"] + (1..<files).map { "log.\($0)" }
        let sizes = names.compactMap(size)
        #expect(sizes.count == Int(files))
        #expect(sizes.allSatisfy { $0 <= 4096 && $0 > 0 })
        #expect(size("log.\(files)") == nil && size("log.new") == nil)
        // What is left is the end, without a gap.
        let numbers = String(decoding: try await log.read().collect(), as: UTF8.self).split(separator: "\n")
            .compactMap { Int($0) }
        #expect(numbers.last == 2000)
        #expect(numbers == Array((numbers.first ?? 0)...2000))
        let tail = try await log.read(ContainerLogOptions(tailLines: 60)).collect()
        #expect(
            String(decoding: tail, as: UTF8.self).split(separator: "\n").compactMap { Int($0) }
                == Array(numbers.suffix(60))
        )
    }

    @Test("A follower sees each line once across rotations")
    func follow() async throws {
        let go = try NamedPipe(scratch.file("go"))
        let container = try await shell(
            "while read n; do seq $n $((n+49)); [ $n = 1951 ] && exit 0; done < $SCRATCH/go",
            in: scratch
        ) {
            $0.logRotation = LogRotation(maximumBytes: 4096, files: 3)
        }
        var numbers: [Int] = []
        var text = ""
        // Fifty lines are less than a file: the follower is never left so far behind that a file is gone.
        try go.write("1\n")
        for await chunk in try await log.read(ContainerLogOptions(follow: true)) {
            text += String(decoding: chunk, as: UTF8.self)
            while let newline = text.firstIndex(of: "\n") {
                numbers.append(Int(text[..<newline]) ?? -1)
                text.removeSubrange(...newline)
                if let last = numbers.last, last.isMultiple(of: 50), last < 2000 {
                    try go.write("\(last + 1)\n")
                }
            }
        }
        #expect(numbers == Array(1...2000))
        #expect(await container.waitForExit().cause == .code(0))
        #expect(size("log.2") != nil)
    }

    @Test("A run that is started again appends to its log")
    func appends() async throws {
        for word in ["one", "two"] { _ = try await shell("echo \(word)", in: scratch).waitForExit() }
        #expect(try await log.read().collect() == Array("one\ntwo\n".utf8))
    }
}
