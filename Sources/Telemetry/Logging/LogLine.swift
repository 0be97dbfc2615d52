public import JSON
public import Logging

/// Writes one log record as one line of UTF-8, in either format, whatever its values hold.
///
///     var line = LogLine(.json, level: .info, message: "request", time: .now())
///     line.field("method", "GET")
///     line.field("status", 200)
///     writer.append(line.finish())
///
/// It owns the buffer that it writes to, so that a caller on a hot path can lend one and get it back.
public struct LogLine: ~Copyable {
    private var bytes: [UInt8]
    private let format: LogFormat

    /// Begins a record behind what `buffer` holds. Its first fields are time, level and message.
    public init(
        _ format: LogFormat,
        level: Logger.Level,
        message: StaticString,
        time: Timestamp,
        appendingTo buffer: consuming [UInt8] = []
    ) {
        self.format = format
        bytes = buffer
        message.withUTF8Buffer { begin(level: level, message: UnsafeRawBufferPointer($0), time: time) }
    }

    /// Begins a record behind what `buffer` holds. Its first fields are time, level and message.
    public init(
        _ format: LogFormat,
        level: Logger.Level,
        message: String,
        time: Timestamp,
        appendingTo buffer: consuming [UInt8] = []
    ) {
        self.format = format
        bytes = buffer
        var message = message
        message.withUTF8 { begin(level: level, message: UnsafeRawBufferPointer($0), time: time) }
    }

    /// Ends the record and gives the buffer back.
    public consuming func finish() -> [UInt8] {
        if format == .json { bytes.append(0x7D) }
        bytes.append(0x0A)
        return bytes
    }

    private mutating func begin(level: Logger.Level, message: UnsafeRawBufferPointer, time: Timestamp) {
        switch format {
        case .text:
            time.appendRFC3339(to: &bytes)
            bytes.append(0x20)
            bytes.append(literal: level.name)
            bytes.append(0x20)
            bytes.append(logfmtMessage: message)
        case .json:
            bytes.append(literal: "{\"time\":\"")
            time.appendRFC3339(to: &bytes)
            bytes.append(literal: "\",\"level\":\"")
            bytes.append(literal: level.name)
            bytes.append(literal: "\",\"message\":")
            bytes.append(jsonString: message)
        }
    }

    // MARK: Fields

    /// Adds a string. `key` consists of ASCII letters, digits, `_`, `-` and `.`, here and below.
    public mutating func field(_ key: StaticString, _ value: String) {
        begin(key)
        append(value)
    }

    /// Adds a string.
    public mutating func field(_ key: StaticString, _ value: StaticString) {
        begin(key)
        value.withUTF8Buffer { append(UnsafeRawBufferPointer($0)) }
    }

    /// Adds a string from bytes that ought to be UTF-8; each ill-formed sequence becomes one U+FFFD.
    public mutating func field(_ key: StaticString, utf8 value: UnsafeRawBufferPointer) {
        begin(key)
        append(value)
    }

    /// Adds an integer.
    @inlinable
    public mutating func field(_ key: StaticString, _ value: some FixedWidthInteger) {
        if value < 0 {
            field(key, signed: Int64(clamping: value))
        } else {
            field(key, unsigned: UInt64(clamping: value))
        }
    }

    /// Adds a number with exactly `decimals` (0 to 9) fraction digits.
    public mutating func field(_ key: StaticString, _ value: Double, decimals: Int) {
        begin(key)
        append(value, decimals: decimals)
    }

    /// Adds `true` or `false`.
    public mutating func field(_ key: StaticString, _ value: Bool) {
        begin(key)
        bytes.append(literal: value ? "true" : "false")
    }

    /// Adds a time.
    public mutating func field(_ key: StaticString, _ value: Timestamp) {
        begin(key)
        if format == .json { bytes.append(0x22) }
        value.appendRFC3339(to: &bytes)
        if format == .json { bytes.append(0x22) }
    }

    @usableFromInline
    mutating func field(_ key: StaticString, signed value: Int64) {
        begin(key)
        bytes.append(decimal: value)
    }

    @usableFromInline
    mutating func field(_ key: StaticString, unsigned value: UInt64) {
        begin(key)
        bytes.append(decimal: value)
    }

    private mutating func begin(_ key: StaticString) {
        switch format {
        case .text:
            bytes.append(0x20)
            bytes.append(literal: key)
            bytes.append(0x3D)
        case .json:
            bytes.append(literal: ",\"")
            bytes.append(literal: key)
            bytes.append(literal: "\":")
        }
    }

    private mutating func append(_ value: String) {
        var value = value
        value.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    private mutating func append(_ value: UnsafeRawBufferPointer) {
        switch format {
        case .text: bytes.append(logfmtValue: value)
        case .json: bytes.append(jsonString: value)
        }
    }

    private mutating func append(_ value: Double, decimals: Int) {
        if format == .json, !value.isFinite {
            bytes.append(literal: "null")
        } else {
            bytes.append(fixed: value, decimals: decimals)
        }
    }

    // MARK: Metadata

    /// Adds one value of a logger's metadata. A dictionary becomes `key.inner=value` pairs in text and an object in
    /// JSON; an array becomes a JSON array, quoted in text.
    ///
    /// A key that the record has already (`time`, `level`, `message`, `logger`, `error`) gets `_` behind it.
    public mutating func field(metadata key: String, _ value: Logger.MetadataValue) {
        let key = Self.reservedKeys.contains(key) ? key + "_" : key
        switch (format, value) {
        case (.json, _):
            var writer = JSONWriter()
            writer.metadata(value)
            bytes.append(0x2C)
            bytes.append(0x22)
            var jsonKey = key
            jsonKey.withUTF8 { bytes.append(jsonEscaping: UnsafeRawBufferPointer($0)) }
            bytes.append(literal: "\":")
            bytes.append(contentsOf: writer.bytes)
        case (.text, .dictionary(let members)):
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                field(metadata: "\(key).\(name)", value)
            }
        case (.text, .array):
            var writer = JSONWriter()
            writer.metadata(value)
            beginText(key)
            writer.bytes.withUnsafeBytes { bytes.append(logfmtValue: $0) }
        case (.text, _):
            beginText(key)
            append("\(value)")
        }
    }

    private mutating func beginText(_ key: String) {
        bytes.append(0x20)
        bytes.append(logfmtKey: key)
        bytes.append(0x3D)
    }

    private static let reservedKeys: Set<String> = ["time", "level", "message", "logger", "error"]
}

extension JSONWriter {
    fileprivate mutating func metadata(_ value: Logger.MetadataValue) {
        switch value {
        case .string(let value): string(value)
        case .stringConvertible(let value as Int): integer(value)
        case .stringConvertible(let value as Double) where value.isFinite: double(value)
        case .stringConvertible(let value as Bool): bool(value)
        case .stringConvertible(let value): string(value.description)
        case .array(let elements):
            beginArray()
            for element in elements { metadata(element) }
            endArray()
        case .dictionary(let members):
            beginObject()
            for (name, member) in members.sorted(by: { $0.key < $1.key }) {
                key(name)
                metadata(member)
            }
            endObject()
        }
    }
}

extension Logger.Level {
    /// The name of the level as it stands in records.
    var name: StaticString {
        switch self {
        case .trace: "trace"
        case .debug: "debug"
        case .info: "info"
        case .notice: "notice"
        case .warning: "warning"
        case .error: "error"
        case .critical: "critical"
        }
    }
}
