import HTTPServer
import JSON
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The objects of one resource: they are listed in parts and made anew for each answer, so that many of them cost no memory.
struct ServedObjects: Sendable {
    /// What they look like, in turn by their numbers; empty for none.
    var templates: [ObjectTemplate] = []
    /// How many there are.
    var count = 0
    /// How many nodes pods are spread over.
    var nodes = 1
    /// How many of them change in a second.
    var changes = 0
    /// Which numbers they have.
    var numbers = ServedNumbers()
    /// How far a change is from the one before it, where all of them take turns.
    var stride = 1
    /// What they turn from and to where they take turns.
    var phases = ["Running", "Succeeded"]
    /// Whether they end, all in turn, and then start again. Otherwise the first ones take turns, so that a reader finds what has
    /// changed at once.
    var takesTurns = false
    /// Those that clients make besides, which are told of to those who watch, but not listed; nil where they make none.
    var made: MadeObjects?

    /// Counts the changes; where it began is the resource version of all objects.
    private static let version = Atomic(1_000_000)

    /// The resource version of what is written next.
    static func nextVersion() -> Int { version.add(1, ordering: .relaxed).newValue }

    // MARK: Listing

    /// A part of the list, `{"metadata":{…},"items":[…]}`.
    func list(_ query: QueryParameters) -> [UInt8] {
        let limit = query["limit"].flatMap { Int($0) } ?? count
        let start = query["continue"].flatMap { Int($0) } ?? 0
        let end = min(count, start + max(1, limit))
        var bytes: [UInt8] = []
        bytes.reserveCapacity((end - start) * 5000 + 200)
        let version = Self.version.load(ordering: .relaxed)
        let token = end < count ? #","continue":"\#(end)","remainingItemCount":\#(count - end)"# : ""
        bytes +=
            #"{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"\#(version)"\#(token)},"items":["#
            .utf8
        for number in start..<max(start, end) {
            if number > start { bytes.append(0x2C) }
            append(number, version: 1_000_000, value: 8, phase: phases[0], to: &bytes)
        }
        bytes += "]}".utf8
        return bytes
    }

    private func append(_ index: Int, version: Int, value: Int, phase: String, to bytes: inout [UInt8]) {
        guard !templates.isEmpty else { return }
        let number = numbers[index]
        templates[number % templates.count].append(
            number: number,
            node: number % nodes,
            version: version,
            value: value,
            phase: phase,
            to: &bytes
        )
    }

    // MARK: Watching

    /// Changes objects, one after the other in even intervals, and tells of those that are made, until the client goes away.
    func watch(_ writer: ResponseBodyWriter) async throws {
        let turns = takesTurns ? count : min(count, 100)
        var number = 0
        for await beat in WatchBeats(ticksPerSecond: changes, made: made) {
            switch beat {
            case .made(let object):
                try await writer.write(Array(#"{"type":"ADDED","object":"#.utf8) + object + "}\n".utf8)
            case .ticks(let ticks):
                for _ in 0..<ticks {
                    var line = Array(#"{"type":"MODIFIED","object":"#.utf8)
                    append(
                        number * stride % turns,
                        version: Self.nextVersion(),
                        value: Self.microseconds(),
                        phase: phases[takesTurns ? (number / turns + 1) % 2 : 0],
                        to: &line
                    )
                    line += "}\n".utf8
                    try await writer.write(line)
                    number += 1
                }
            }
        }
    }

    /// The time of the clock that every process of the machine reads, microseconds: what a change's value is.
    private static func microseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int(time.tv_sec) * 1_000_000 + Int(time.tv_nsec) / 1000
    }
}

/// The numbers of the objects of one kind where several kinds share a sequence: so many of each cycle, from one place in it on.
struct ServedNumbers: Sendable {
    var cycle = 1
    var first = 0
    var taken = 1

    /// The number of the object that has this place in its list.
    subscript(index: Int) -> Int { index / taken * cycle + first + index % taken }
}
