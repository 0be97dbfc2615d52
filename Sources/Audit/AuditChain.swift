internal import Crypto
internal import JSON

/// The hash that each line of an audit log has of the line before it, so that a line that is changed, taken away or put in shows.
enum AuditChain {
    /// What the first line of all has.
    static let beginning = String(repeating: "0", count: 64)

    /// The SHA-256 hash of a line without its newline, in hexadecimal digits.
    static func hash(_ line: some Collection<UInt8>) -> String {
        var text = ""
        for byte in SHA256.hash(data: Array(line)) {
            let digits = String(byte, radix: 16)
            text += digits.utf8.count == 1 ? "0" + digits : digits
        }
        return text
    }
}
