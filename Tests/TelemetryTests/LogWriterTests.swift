import Dispatch
import Glibc
import JSON
import Logging
import Telemetry
import Testing

@Suite struct LogWriterTests {
    @Test func `lines arrive in order and flush waits for them`() throws {
        let pipe = try Pipe()
        let writer = LogWriter(fileDescriptor: pipe.writer, format: .text)
        for index in 0..<500 { writer.append(Array("line \(index)\n".utf8)) }
        let flushed = writer.flush(timeout: .seconds(300))
        #expect(flushed)
        #expect(pipe.read() == (0..<500).map { "line \($0)\n" }.joined())
        #expect(writer.lostLines == 0)
    }

    @Test func `a line is written without a flush`() throws {
        let pipe = try Pipe()
        let writer = LogWriter(fileDescriptor: pipe.writer, format: .text)
        writer.append(Array("first\n".utf8))
        #expect(pipe.read(until: "first\n") == "first\n")
        writer.append(Array("second\n".utf8))
        #expect(pipe.read(until: "second\n") == "second\n")
    }

    @Test(arguments: [true, false])
    func `with a full pipe lines are lost, counted, and told of when there is room`(blocks: Bool) throws {
        let pipe = try Pipe()
        pipe.makeNonBlocking()
        let filled = pipe.fill()
        if blocks { _ = fcntl(pipe.writer, F_SETFL, fcntl(pipe.writer, F_GETFL) & ~O_NONBLOCK) }
        let line = Array("0123456\n".utf8)
        let writer = LogWriter(fileDescriptor: pipe.writer, format: .json, capacity: 10 * line.count)
        for _ in 0..<25 { writer.append(line) }
        #expect(writer.lostLines == 15)
        let flushedInTime = writer.flush(timeout: .milliseconds(20))
        #expect(!flushedInTime)

        let kept = String(repeating: ".", count: filled) + String(repeating: "0123456\n", count: 10)
        var text = pipe.read(until: "}\n")
        #expect(text.hasPrefix(kept + "{"))
        // The writer may take up what there is between two of the lines that are lost; then it tells of them in two parts.
        var told: Int64 = 0
        while let line = text.dropFirst(kept.count).split(separator: "\n").last {
            let report = try JSONValue(parsing: String(line))
            #expect(report["level"] == "warning" && report["message"] == "log lines were lost")
            told += try #require(report["lost"]?.integerValue)
            guard told < 15 else { break }
            text += pipe.read(until: "}\n")
        }
        #expect(told == 15)
        let flushed = writer.flush(timeout: .seconds(300))
        #expect(flushed)
        writer.append(line)
        #expect(pipe.read(until: "\n") == "0123456\n")
        #expect(writer.lostLines == 15)
    }

    @Test func `a line larger than the buffer is lost alone`() throws {
        let pipe = try Pipe()
        let writer = LogWriter(fileDescriptor: pipe.writer, format: .text, capacity: 8)
        writer.append(Array("too long to keep\n".utf8))
        writer.append(Array("kept\n".utf8))
        let text = pipe.read(until: "lost=1\n")
        #expect(text.hasPrefix("kept\n"))
        #expect(text.hasSuffix(" warning log lines were lost lost=1\n"))
        #expect(writer.lostLines == 1)
    }

    @Test func `without a reader lines are lost and counted, and nothing ends`() throws {
        let pipe = try Pipe()
        let writer = LogWriter(fileDescriptor: pipe.writer, format: .text)
        pipe.closeReader()
        for round in 1...3 {
            writer.append(Array("a\nb\n".utf8))
            let flushed = writer.flush(timeout: .seconds(300))
            #expect(flushed)
            #expect(writer.lostLines == UInt64(round * 2))
        }
    }

    @Test func `a descriptor that is not open loses lines`() {
        let writer = LogWriter(fileDescriptor: -1, format: .text)
        writer.append(Array("a\n".utf8))
        let flushed = writer.flush(timeout: .seconds(300))
        #expect(flushed)
        #expect(writer.lostLines == 1)
    }

    @Test func `many threads write whole lines`() async throws {
        let pipe = try Pipe()
        let writer = LogWriter(fileDescriptor: pipe.writer, format: .text)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for index in 0..<100 { writer.append(Array("task \(task) line \(index)\n".utf8)) }
                }
            }
        }
        writer.append(Array("end\n".utf8))
        let lines = pipe.read(until: "end\n").split(separator: "\n").map(String.init)
        let expected = (0..<8).flatMap { task in (0..<100).map { "task \(task) line \($0)" } }
        #expect(Set(lines) == Set(expected + ["end"]))
        for task in 0..<8 {
            let own = lines.filter { $0.hasPrefix("task \(task) ") }
            #expect(own == (0..<100).map { "task \(task) line \($0)" })
        }
    }
}

@Suite struct StructuredLogHandlerTests {
    private struct Refusal: Error, CustomStringConvertible {
        let description = "no \"entry\""
    }

    private let pipe: Pipe
    private let writer: LogWriter
    private let threshold = LogThreshold(.info)

    init() throws {
        pipe = try Pipe()
        writer = LogWriter(fileDescriptor: pipe.writer, format: .text)
    }

    private func logger(_ label: String = "ingot", provider: Logger.MetadataProvider? = nil) -> Logger {
        Logger(label: label) {
            StructuredLogHandler(label: $0, writer: writer, threshold: threshold, metadataProvider: provider)
        }
    }

    /// What was logged, without the times.
    private func logged() -> [String] {
        writer.append(Array("T end\n".utf8))
        return pipe.read(until: "T end\n").split(separator: "\n").dropLast().map { line in
            String(line.drop { $0 != " " }.dropFirst())
        }
    }

    @Test func `metadata of the event, the provider and the logger are merged and sorted`() {
        var logger = logger(provider: Logger.MetadataProvider { ["b": "provider", "c": "provider"] })
        logger[metadataKey: "a"] = "logger"
        logger[metadataKey: "b"] = "logger"
        logger.info("hello", metadata: ["c": "event", "d": ["e": "1"]])
        #expect(logged() == ["info hello logger=ingot a=logger b=provider c=event d.e=1"])
    }

    @Test func `an error is a field`() {
        logger("").error("refused", error: Refusal(), metadata: ["time": "t"])
        #expect(logged() == [#"error refused error="no \"entry\"" time_=t"#])
    }

    @Test func `a level change reaches loggers that were made before`() {
        let early = logger("early")
        early.debug("hidden")
        threshold.level = .debug
        #expect(threshold.level == .debug)
        #expect(threshold.allows(.debug))
        #expect(!threshold.allows(.trace))
        early.debug("shown")
        threshold.level = .error
        early.warning("hidden")
        #expect(logged() == ["debug shown logger=early"])
    }

    @Test func `a level set for one logger is its own`() {
        var own = logger("own")
        own.logLevel = .trace
        let other = logger("other")
        own.trace("shown")
        other.trace("hidden")
        #expect(logged() == ["trace shown logger=own"])
    }
}
