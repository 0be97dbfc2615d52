import HTTPServer
import HTTPTypes
import JSON

/// Reads the parameters of requests, each refusal by the name of the parameter.
extension HTTPError {
    /// 400 for a parameter whose value cannot be used.
    static func badParameter(_ name: String, _ expectation: String) -> HTTPError {
        HTTPError(
            .badRequest,
            code: "VALIDATION_ERROR",
            message: "\(name): \(expectation)",
            details: [("parameter", .string(name))]
        )
    }
}

extension QueryParameters {
    /// A whole number in a range; nil when there is none.
    ///
    /// - Throws: 400 for any other value, an empty one included.
    func integer(_ name: String, in range: ClosedRange<Int>) throws(HTTPError) -> Int? {
        guard let text = self[name] else { return nil }
        // `Int` would also take a plus sign.
        guard text.utf8.first != UInt8(ascii: "+"), let number = Int(text), range.contains(number) else {
            throw .badParameter(
                name,
                range.upperBound == .max
                    ? "expected a whole number from \(range.lowerBound) on"
                    : "expected a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }
}
