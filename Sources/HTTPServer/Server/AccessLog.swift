import JSON
import Logging
public import Telemetry

/// Writes one line for each request that was answered, at level info.
///
/// The path is logged as received. Of the query, values of parameters that a route marks secret are left out.
public final class AccessLog: Sendable {
    private let writer: LogWriter
    private let threshold: LogThreshold

    /// An access log.
    ///
    /// - Parameters:
    ///   - writer: takes the lines, in its format.
    ///   - threshold: the level from which records are written; above info there are no lines.
    public init(_ writer: LogWriter, threshold: LogThreshold) {
        self.writer = writer
        self.threshold = threshold
    }

    /// How a request was answered.
    struct Outcome {
        var status: Int
        /// Bytes of content sent.
        var bytes: Int
        var nanoseconds: UInt64
        /// The answer was cut off.
        var isCut: Bool
    }

    /// Whether lines are written at all.
    var isEnabled: Bool { threshold.allows(.info) }

    /// Adds the request's line to `lines`, which go out together at the end of the loop's turn.
    func record(_ exchange: borrowing Exchange, _ outcome: Outcome, to lines: inout [UInt8]) {
        let head = exchange.head
        var line = LogLine(
            writer.format,
            level: .info,
            message: "request",
            time: .now(),
            appendingTo: lines.taken()
        )
        line.field("request_id", slot: exchange.identity, head)
        head.field("method", head.methodRange, &line)
        head.field("path", head.path, &line)
        if let query = head.query {
            let secrets = exchange.route?.secretParameters ?? []
            if secrets.isEmpty {
                head.field("query", query, &line)
            } else {
                line.field("query", Self.redacted(head.slice(query), secrets))
            }
        }
        line.field("status", outcome.status)
        line.field("bytes", outcome.bytes)
        line.field("duration_us", outcome.nanoseconds / 1000)
        var address: [UInt8] = []
        exchange.remote.append(to: &address)
        address.withUnsafeBytes { line.field("remote", utf8: $0) }
        if let principal = exchange.principal { line.field("user", principal.name) }
        if outcome.isCut { line.field("cut", true) }
        lines = line.finish()
    }

    /// Hands the lines of a turn to the writer.
    func write(_ lines: inout [UInt8]) {
        guard !lines.isEmpty else { return }
        writer.append(lines)
        lines.removeAll(keepingCapacity: true)
    }

    /// The query with `***` for the values of secret parameters.
    static func redacted(_ query: some Collection<UInt8>, _ secrets: [String]) -> String {
        query.split(separator: 0x26, omittingEmptySubsequences: false).map { pair in
            let name = pair.prefix { $0 != 0x3D }
            let decoded = String(decoding: PercentEncoding.decode(name, plusIsSpace: true), as: UTF8.self)
            let shown = String(decoding: name, as: UTF8.self)
            return secrets.contains(decoded) ? shown + "=***" : String(decoding: pair, as: UTF8.self)
        }
        .joined(separator: "&")
    }
}

extension [UInt8] {
    /// The bytes, taken out so that they can grow elsewhere without a copy.
    fileprivate mutating func taken() -> [UInt8] {
        var bytes: [UInt8] = []
        swap(&bytes, &self)
        return bytes
    }
}

extension RequestHead {
    fileprivate func field(_ key: StaticString, _ range: ByteRange, _ line: inout LogLine) {
        slice(range).withUnsafeBytes { line.field(key, utf8: $0) }
    }
}

extension LogLine {
    fileprivate mutating func field(_ key: StaticString, slot identity: RequestID, _ head: RequestHead) {
        switch identity {
        case .received(let range): head.slice(range).withUnsafeBytes { field(key, utf8: $0) }
        case .made(let high, let low):
            var digits = InlineArray<32, UInt8>(repeating: 0)
            Decimal.hexadecimalDigits(high, low, into: &digits)
            digits.span.withUnsafeBytes { field(key, utf8: $0) }
        }
    }
}
