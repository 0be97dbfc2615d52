internal import HTTPClient

/// Text in URLs.
enum URLText {
    /// The path of a file in a repository, its parts percent-encoded.
    ///
    /// - Throws: `HubError` of the kind `invalidRequest` when a part is empty or a step elsewhere.
    static func filePath(_ path: String) throws(HubError) -> String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard path.utf8.count <= 4096, parts.allSatisfy({ !["", ".", ".."].contains($0) }),
            path.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != 0x5C })
        else { throw HubError(.invalidRequest, "no file has the path that was asked for") }
        return parts.map { PercentEncoding.encode(String($0)) }.joined(separator: "/")
    }
}
