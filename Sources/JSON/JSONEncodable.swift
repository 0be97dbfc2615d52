/// A type that writes itself as JSON and describes what it writes.
public protocol JSONEncodable: Sendable {
    /// What ``encode(to:)`` writes.
    static var jsonSchema: JSONSchema { get }

    /// Writes exactly one JSON value.
    func encode(to writer: inout JSONWriter)
}

extension JSONEncodable {
    /// The value as compact JSON.
    public func encoded() -> [UInt8] {
        var writer = JSONWriter()
        encode(to: &writer)
        return writer.take()
    }
}

/// Integers are written in decimal; the range of the type is in the schema.
extension JSONEncodable where Self: FixedWidthInteger {
    /// Integers in the range of the type.
    public static var jsonSchema: JSONSchema {
        .integer(
            format: bitWidth <= 32 ? "int32" : "int64",
            minimum: isSigned ? nil : 0,
            maximum: bitWidth < 32 ? Int64(max) : nil
        )
    }

    /// Writes the integer.
    @inlinable
    public func encode(to writer: inout JSONWriter) { writer.integer(self) }
}

extension Int: JSONEncodable {}
extension Int32: JSONEncodable {}
extension Int64: JSONEncodable {}
extension UInt8: JSONEncodable {}
extension UInt16: JSONEncodable {}
extension UInt32: JSONEncodable {}
extension UInt64: JSONEncodable {}
extension UInt: JSONEncodable {}

/// An enumeration whose cases are strings conforms by declaring it: its raw values are written and listed.
extension JSONEncodable where Self: CaseIterable & RawRepresentable<String> {
    /// One of the raw values.
    public static var jsonSchema: JSONSchema { .enumeration(allCases.map(\.rawValue)) }

    /// Writes the raw value.
    public func encode(to writer: inout JSONWriter) { writer.string(rawValue) }
}

extension String: JSONEncodable {
    /// Every string.
    public static var jsonSchema: JSONSchema { .string }

    /// Writes the string.
    public func encode(to writer: inout JSONWriter) { writer.string(self) }
}

extension Bool: JSONEncodable {
    /// `true` and `false`.
    public static var jsonSchema: JSONSchema { .boolean }

    /// Writes the value.
    public func encode(to writer: inout JSONWriter) { writer.bool(self) }
}

extension Double: JSONEncodable {
    /// Every number.
    public static var jsonSchema: JSONSchema { .number }

    /// Writes the number; `null` when it is not finite.
    public func encode(to writer: inout JSONWriter) { writer.double(self) }
}

extension Timestamp: JSONEncodable {
    /// A date and time of RFC 3339.
    public static var jsonSchema: JSONSchema { .string(format: "date-time") }

    /// Writes the time in UTC with milliseconds.
    public func encode(to writer: inout JSONWriter) { writer.timestamp(self) }
}

extension Array: JSONEncodable where Element: JSONEncodable {
    /// Arrays of what the element writes.
    public static var jsonSchema: JSONSchema { .array(of: Element.jsonSchema) }

    /// Writes the elements in order.
    @inlinable
    public func encode(to writer: inout JSONWriter) {
        writer.beginArray()
        for element in self { element.encode(to: &writer) }
        writer.endArray()
    }
}

extension Optional: JSONEncodable where Wrapped: JSONEncodable {
    /// What the wrapped type writes, or `null`.
    public static var jsonSchema: JSONSchema { .nullable(Wrapped.jsonSchema) }

    /// Writes the value, or `null`.
    @inlinable
    public func encode(to writer: inout JSONWriter) {
        if let self { self.encode(to: &writer) } else { writer.null() }
    }
}

extension Dictionary: JSONEncodable where Key == String, Value: JSONEncodable {
    /// Objects with any keys.
    public static var jsonSchema: JSONSchema { .map(of: Value.jsonSchema) }

    /// Writes the members sorted by key, so that equal dictionaries give equal bytes.
    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        for (key, value) in sorted(by: { $0.key < $1.key }) {
            writer.key(key)
            value.encode(to: &writer)
        }
        writer.endObject()
    }
}
