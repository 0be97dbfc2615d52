/// Writes compact JSON (RFC 8259) as UTF-8 into a byte array that it owns.
///
/// The writer places commas and colons; the caller opens and closes objects and arrays and gives a key before each
/// member. It cannot be copied, so that an append never copies the bytes written before.
///
///     var writer = JSONWriter()
///     writer.object { writer in
///         writer.key("status")
///         writer.string("healthy")
///     }
///     let body = writer.take()
public struct JSONWriter: ~Copyable {
    /// What has been written, preceded by what the writer was told to append to.
    public private(set) var bytes: [UInt8]

    /// Whether a comma belongs before the next key or element. One flag is enough: whatever closes an object or an
    /// array is itself a finished element of the one around it.
    private var needsComma = false

    /// A writer with an empty buffer.
    public init() {
        bytes = []
    }

    /// A writer that empties `buffer` and reuses its capacity.
    public init(reusing buffer: consuming [UInt8]) {
        bytes = buffer
        bytes.removeAll(keepingCapacity: true)
    }

    /// A writer that keeps what `buffer` holds and writes behind it.
    public init(appendingTo buffer: consuming [UInt8]) {
        bytes = buffer
    }

    /// Gives the bytes away and leaves the writer empty, ready for another value.
    public mutating func take() -> [UInt8] {
        let taken = bytes
        bytes = []
        needsComma = false
        return taken
    }

    /// Makes room for that many more bytes.
    public mutating func reserve(_ count: Int) {
        bytes.reserveCapacity(bytes.count + count)
    }

    private mutating func beginValue() {
        if needsComma { bytes.append(0x2C) }
        needsComma = true
    }

    // MARK: Structure

    /// Writes an object whose members `body` writes.
    @inlinable
    public mutating func object(_ body: (inout JSONWriter) throws -> Void) rethrows {
        beginObject()
        try body(&self)
        endObject()
    }

    /// Writes an array whose elements `body` writes.
    @inlinable
    public mutating func array(_ body: (inout JSONWriter) throws -> Void) rethrows {
        beginArray()
        try body(&self)
        endArray()
    }

    /// Opens an object.
    public mutating func beginObject() {
        beginValue()
        bytes.append(0x7B)
        needsComma = false
    }

    /// Closes the object opened last.
    public mutating func endObject() {
        bytes.append(0x7D)
        needsComma = true
    }

    /// Opens an array.
    public mutating func beginArray() {
        beginValue()
        bytes.append(0x5B)
        needsComma = false
    }

    /// Closes the array opened last.
    public mutating func endArray() {
        bytes.append(0x5D)
        needsComma = true
    }

    /// Writes the key of the next member.
    public mutating func key(_ name: StaticString) {
        beginValue()
        name.withUTF8Buffer { bytes.append(jsonString: UnsafeRawBufferPointer($0)) }
        endKey()
    }

    /// Writes the key of the next member.
    public mutating func key(_ name: String) {
        beginValue()
        var name = name
        name.withUTF8 { bytes.append(jsonString: UnsafeRawBufferPointer($0)) }
        endKey()
    }

    /// Writes the key of the next member, already escaped, quoted and followed by its colon.
    @usableFromInline
    mutating func key(encoded: [UInt8]) {
        if needsComma { bytes.append(0x2C) }
        needsComma = false
        bytes.append(contentsOf: encoded)
    }

    private mutating func endKey() {
        bytes.append(0x3A)
        needsComma = false
    }

    // MARK: Values

    /// Writes `null`.
    public mutating func null() {
        beginValue()
        bytes.append(literal: "null")
    }

    /// Writes `true` or `false`.
    public mutating func bool(_ value: Bool) {
        beginValue()
        bytes.append(literal: value ? "true" : "false")
    }

    /// Writes an integer in decimal.
    @inlinable
    public mutating func integer(_ value: some BinaryInteger) {
        if let value = Int64(exactly: value) {
            integer64(value)
        } else if let value = UInt64(exactly: value) {
            unsignedInteger64(value)
        } else {
            raw(Array(String(value).utf8))
        }
    }

    @usableFromInline
    mutating func integer64(_ value: Int64) {
        beginValue()
        bytes.append(decimal: value)
    }

    @usableFromInline
    mutating func unsignedInteger64(_ value: UInt64) {
        beginValue()
        bytes.append(decimal: value)
    }

    /// Writes the shortest text that reads back as the same number; `null` for a number that is not finite, which
    /// JSON cannot express.
    public mutating func double(_ value: Double) {
        beginValue()
        if value.isFinite {
            bytes.append(shortest: value)
        } else {
            bytes.append(literal: "null")
        }
    }

    /// Writes a string.
    public mutating func string(_ value: String) {
        beginValue()
        var value = value
        value.withUTF8 { bytes.append(jsonString: UnsafeRawBufferPointer($0)) }
    }

    /// Writes a string.
    public mutating func string(_ value: StaticString) {
        beginValue()
        value.withUTF8Buffer { bytes.append(jsonString: UnsafeRawBufferPointer($0)) }
    }

    /// Writes a string from bytes that ought to be UTF-8; each ill-formed sequence becomes one U+FFFD.
    public mutating func string(utf8 value: UnsafeRawBufferPointer) {
        beginValue()
        bytes.append(jsonString: value)
    }

    /// Writes a time as a string in RFC 3339 form, UTC, with milliseconds.
    public mutating func timestamp(_ value: Timestamp) {
        beginValue()
        bytes.append(0x22)
        value.appendRFC3339(to: &bytes)
        bytes.append(0x22)
    }

    /// Writes one value that is JSON already. The caller vouches that it is valid and compact.
    public mutating func raw(_ json: [UInt8]) {
        beginValue()
        bytes.append(contentsOf: json)
    }

    /// Writes any value that knows how to encode itself.
    @inlinable
    public mutating func value(_ value: some JSONEncodable) {
        value.encode(to: &self)
    }
}
