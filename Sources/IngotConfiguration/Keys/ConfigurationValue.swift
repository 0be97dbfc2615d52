internal import Configuration
public import JSON

/// The value of a configuration key, checked and in the units that the program uses.
public enum ConfigurationValue: Sendable, Hashable {
    /// A text.
    case text(String)
    /// `true` or `false`.
    case boolean(Bool)
    /// A whole number.
    case integer(Int)
    /// Bytes.
    case size(Int)
    /// A time span in milliseconds.
    case duration(milliseconds: Int)
    /// Texts in order.
    case list([String])
    /// A value with parts, as it is written.
    case structure(JSONValue)

    /// The value as a configuration file has it.
    public var json: JSONValue {
        switch self {
        case .text(let text): .string(text)
        case .boolean(let flag): .bool(flag)
        case .integer(let number): .integer(Int64(number))
        case .size(let bytes): .string(DecimalQuantity.text(bytes, units: DecimalQuantity.sizes))
        case .duration(let milliseconds):
            .string(DecimalQuantity.text(milliseconds, units: DecimalQuantity.durations))
        case .list(let elements): .array(elements.map(JSONValue.string))
        case .structure(let value): value
        }
    }

    /// The value as `ConfigReader` keeps it.
    var content: ConfigContent {
        switch self {
        case .text(let text): .string(text)
        case .boolean(let flag): .bool(flag)
        case .integer(let number), .size(let number), .duration(let number): .int(number)
        case .list(let elements): .stringArray(elements)
        case .structure(let value): .string(value.description)
        }
    }
}

extension ConfigurationValue: CustomStringConvertible {
    /// The value as JSON.
    public var description: String { json.description }
}
