import JSON
import Logging
import Redaction
public import Telemetry

/// Writes one line for each request that was answered, at level info.
///
/// The path is logged as received. Of the query, values of parameters that a route marks secret are left out, and of those whose
/// names say so: a callback of OAuth may come here by mistake, with its code.
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
            if let shown = Self.redacted(head.slice(query), exchange.route?.secretParameters ?? []) {
                line.field("query", shown)
            } else {
                head.field("query", query, &line)
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

    /// The query with `***` for the values of secret parameters; nil when it has none.
    static func redacted(_ query: some BidirectionalCollection<UInt8>, _ secrets: [String]) -> String? {
        let pairs = query.split(separator: 0x26, omittingEmptySubsequences: false)
        guard pairs.contains(where: { isSecret($0.prefix { $0 != 0x3D }, secrets) }) else { return nil }
        return pairs.map { pair in
            let name = pair.prefix { $0 != 0x3D }
            guard isSecret(name, secrets) else { return String(decoding: pair, as: UTF8.self) }
            return String(decoding: name, as: UTF8.self) + "=***"
        }
        .joined(separator: "&")
    }

    private static func isSecret(_ name: some BidirectionalCollection<UInt8>, _ secrets: [String]) -> Bool {
        let isWritten = !name.contains { $0 == 0x25 || $0 == 0x2B }
        if isWritten, secrets.isEmpty { return Redaction.isSecretName(name) || isOfCallback(name) }
        let decoded = String(decoding: PercentEncoding.decode(name, plusIsSpace: true), as: UTF8.self)
        return secrets.contains(decoded) || Redaction.isSecretName(decoded.utf8) || isOfCallback(decoded.utf8)
    }

    /// What an authorization server sends with the browser (RFC 6749 §4.1.2).
    private static func isOfCallback(_ name: some Collection<UInt8>) -> Bool {
        name.elementsEqual("code".utf8) || name.elementsEqual("state".utf8)
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
