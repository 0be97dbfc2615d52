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
    /// What they look like; nil for none.
    var template: ObjectTemplate?
    /// How many there are.
    var count = 0
    /// How many nodes pods are spread over.
    var nodes = 1
    /// How many of them change in a tenth of a second.
    var changes = 0

    /// Counts the changes; where it began is the resource version of all objects.
    private static let version = Atomic(1_000_000)

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
            append(number, version: 1_000_000, value: 8, to: &bytes)
        }
        bytes += "]}".utf8
        return bytes
    }

    private func append(_ number: Int, version: Int, value: Int, to bytes: inout [UInt8]) {
        template?.append(number: number, node: number % nodes, version: version, value: value, to: &bytes)
    }

    // MARK: Watching

    /// Changes objects until the client goes away. The first ones take turns, so that a reader finds what has changed at once.
    func watch(_ writer: ResponseBodyWriter) async throws {
        let clock = ContinuousClock()
        var due = clock.now
        var number = 0
        while true {
            due += .milliseconds(100)
            try await clock.sleep(until: due)
            for _ in 0..<changes {
                let version = Self.version.add(1, ordering: .relaxed).newValue
                var line = Array(#"{"type":"MODIFIED","object":"#.utf8)
                append(number % min(count, 100), version: version, value: Self.microseconds(), to: &line)
                line += "}\n".utf8
                try await writer.write(line)
                number += 1
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
