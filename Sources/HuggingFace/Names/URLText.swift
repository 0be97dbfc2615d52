/// Text in URLs.
enum URLText {
    /// The text with all but unreserved characters percent-encoded (RFC 3986 §2.3).
    static func percentEncoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: encoded.append(byte)
            default: encoded += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// The parameters as a query, without its question mark.
    static func query(_ parameters: [(String, String)]) -> String {
        parameters.map { "\(percentEncoded($0.0))=\(percentEncoded($0.1))" }.joined(separator: "&")
    }

    /// The path of a file in a repository, its parts percent-encoded.
    ///
    /// - Throws: `HubError` of the kind `invalidRequest` when a part is empty or a step elsewhere.
    static func filePath(_ path: String) throws(HubError) -> String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard path.utf8.count <= 4096, parts.allSatisfy({ !["", ".", ".."].contains($0) }),
            path.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != 0x5C })
        else { throw HubError(.invalidRequest, "no file has the path that was asked for") }
        return parts.map { percentEncoded(String($0)) }.joined(separator: "/")
    }
}
