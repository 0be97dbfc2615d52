import JSON
import Runtimes
import Synchronization
import Testing

@testable import ControlPlane

/// A line written so many seconds after a certain time.
private func line(_ second: Int, _ text: String) -> LogLine {
    let time = Timestamp(secondsSinceEpoch: 1_800_000_000 + Int64(second))
    return LogLine(stamped: Array("\(time) \(text)".utf8))
}

private func source(_ pod: String) -> LogSource { LogSource(pod: pod, container: "server") }

private func tail(_ lines: [LogLine]) -> LogTail {
    var tail = LogTail(mostLines: 1000, mostBytes: 1 << 20)
    tail.append(lines)
    return tail
}

@Suite struct DeploymentLogTests {
    @Test(arguments: [1, 2, 3, 7, 1000])
    func linesAreTheSameHoweverTheirBytesAreCut(size: Int) {
        let text = "2026-11-21T04:50:44.123456789Z first\r\n2026-11-21T04:50:45Z \nno time\nlast ü"
        let bytes = Array(text.utf8)
        var splitter = LogLineSplitter()
        var lines: [LogLine] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            lines += splitter.lines(of: Array(bytes[start..<min(start + size, bytes.count)]))
        }
        if let last = splitter.last() { lines.append(last) }
        #expect(lines.map(\.text) == ["first", "", "no time", "last ü"])
        #expect(lines.map(\.stamp) == ["2026-11-21T04:50:44.123456789Z", "2026-11-21T04:50:45Z", "", ""])
        #expect(lines[0].time?.nanoseconds == 123_456_789)
    }

    @Test func aLineThatNeverEndsIsCut() {
        var splitter = LogLineSplitter()
        var lines: [LogLine] = []
        for _ in 0..<100 { lines += splitter.lines(of: [UInt8](repeating: 0x61, count: 4096)) }
        #expect(lines.count == 5)
        #expect(lines.allSatisfy { $0.text.utf8.count <= LogLineSplitter.longestLine + 4096 })
    }

    @Test func logsAreMergedByTimeAndALineWithoutOneStaysBehindTheOneBeforeIt() {
        let trace = LogLine(stamped: Array("  at frame 1".utf8))
        let log = DeploymentLog(
            [
                (source("a"), [line(1, "a1"), trace, line(5, "a5")]),
                (source("b"), [line(0, "b0"), line(1, "b1"), line(4, "b4")]),
            ],
            tailLines: 5
        )
        #expect(log.entries.map(\.line.text) == ["a1", "  at frame 1", "b1", "b4", "a5"])
        #expect(log.entries.map(\.source.pod) == ["a", "a", "b", "b", "a"])
    }

    @Test func theContainerThatServesIsChosenByItsName() {
        #expect(LogSource.serving(["istio-proxy", "kserve-container"]) == "kserve-container")
        #expect(LogSource.serving(["vllm", "main"]) == "main")
        #expect(LogSource.serving(["second", "first"]) == "second")
        #expect(LogSource.serving([]) == nil)
    }

    @Test func readingGoesOnBehindTheLastLineEvenWhereOthersHaveItsTime() {
        var cursor = LogCursor()
        let read = [line(1, "a"), line(2, "b"), line(2, "c")]
        #expect(read.allSatisfy { cursor.isNew($0) })
        cursor = cursor.goingOn()
        let again = [line(1, "a"), line(2, "b"), line(2, "c"), line(2, "d"), line(3, "e")]
        #expect(again.filter { cursor.isNew($0) }.map(\.text) == ["d", "e"])
    }
}

@Suite struct KeptLogsTests {
    private let key = DeploymentKey(namespace: "n", name: "d", runtime: .vllm)

    @Test func whatOneLeavesOfALimitIsDividedAmongTheOthers() {
        #expect(KeptLogs.shares([10, 10], of: 100) == [10, 10])
        #expect(KeptLogs.shares([10, 500, 80], of: 100) == [10, 45, 45])
        #expect(KeptLogs.shares([], of: 100) == [])
    }

    @Test func aDeploymentKeepsItsBoundsAndEachPodSomeLines() {
        let kept = KeptLogs(limits: .init(lines: 10, bytes: 1000))
        for pod in ["a", "b", "c"] {
            kept.keep(tail((0..<50).map { line($0, "\(pod)\($0)") }), of: source(pod), for: key)
        }
        let logs = kept.logs(of: key)
        #expect(logs.map(\.source.pod) == ["a", "b", "c"])
        #expect(logs.reduce(0) { $0 + $1.tail.lines.count } <= 10)
        #expect(logs.allSatisfy { $0.tail.lines.last?.text.hasSuffix("49") == true })
        #expect(logs.allSatisfy { $0.tail.lines.count >= 3 })
    }

    @Test func linesAreForgottenWhenTheirTimeIsOver() {
        let now = TestClock()
        let kept = KeptLogs(now: { now.time })
        kept.keep(tail([line(0, "x")]), of: source("a"), for: key)
        now.advance(3599)
        #expect(kept.keys(named: "d", namespace: nil) == [key])
        now.advance(1)
        #expect(kept.logs(of: key).isEmpty)
        #expect(kept.keys(named: "d", namespace: nil).isEmpty)
    }

    @Test func theOldestGiveWayWhenThereIsTooMuch() {
        let now = TestClock()
        let kept = KeptLogs(limits: .init(totalBytes: 400), now: { now.time })
        let keys = (0..<5).map { DeploymentKey(namespace: "n", name: "d\($0)", runtime: .vllm) }
        for key in keys {
            kept.keep(tail([line(0, String(repeating: "x", count: 100))]), of: source("a"), for: key)
            now.advance(1)
        }
        #expect(keys.map { kept.logs(of: $0).count } == [0, 0, 1, 1, 1])
    }

    @Test func nothingDoesNotTakeThePlaceOfWhatWasKept() {
        let kept = KeptLogs()
        kept.keep(tail([line(0, "x")]), of: source("a"), for: key)
        kept.keep(tail([]), of: source("a"), for: key)
        #expect(kept.logs(of: key).count == 1)
    }
}

@Suite struct FollowedLogTests {
    private func note(_ text: String) -> FollowedLogItem { .init(source: nil, content: .note(text)) }

    @Test func everythingThatWasWrittenIsReadInOrderBeforeTheEnd() async {
        let log = FollowedLog { queue in
            for number in 0..<2000 { _ = await queue.send([note("\(number)")]) }
        }
        var read: [FollowedLogItem] = []
        for await item in log { read.append(item) }
        #expect(read == (0..<2000).map { note("\($0)") })
    }

    @Test func aWriterWaitsForItsReaderAndEndsWithIt() async {
        await confirmation { ended in
            await withCheckedContinuation { continuation in
                let log = FollowedLog { queue in
                    while await queue.send([note("x")]) {}
                    ended()
                    continuation.resume()
                }
                _ = log.makeAsyncIterator()
            }
        }
    }
}

private final class TestClock: Sendable {
    private let seconds = Mutex(0)

    var time: Timestamp { Timestamp(secondsSinceEpoch: 1_800_000_000 + Int64(seconds.withLock(\.self))) }

    func advance(_ count: Int) { seconds.withLock { $0 += count } }
}
