import HTTPServer
import HTTPTypes
import JSON

/// What of a request's path and query is the model's server's, and not about which deployment is meant.
enum ModelPath {
    /// The segments before `v1`: the empty one before the first slash, `api`, `deployments` and the name.
    private static let segmentsBefore = 4
    /// The parameters that say which deployment is meant.
    private static let ownParameters: Set<String> = ["namespace", "provider"]

    /// The path of a request to `/api/deployments/{name}/v1/{path...}` from `/v1` on. Escapes stay as they are.
    ///
    /// - Throws: 400 for a path that some program on the way might take for one that leads out of `/v1`.
    static func of(_ request: Request) throws(HTTPError) -> String {
        let segments = request.path.split(separator: "/", omittingEmptySubsequences: false)
        let rest = segments.dropFirst(segmentsBefore + 1)
        try check(rest)
        return "/v1/" + rest.joined(separator: "/")
    }

    /// The query's parameters without those that say which deployment is meant.
    static func parameters(_ query: QueryParameters) -> [(String, String)] {
        query.pairs.filter { !ownParameters.contains($0.name) }.map { ($0.name, $0.value) }
    }

    /// The server itself takes no dot segments. Those that are there once `%2F` and `%5C` are decoded, as some servers do before
    /// they look for segments, are found here.
    private static func check(_ segments: ArraySlice<Substring>) throws(HTTPError) {
        for segment in segments where segment.contains("%") || segment.contains("\\") {
            var text = segment.lowercased()
            // Some servers decode twice.
            for _ in 0..<2 {
                for (escape, character) in [("%25", "%"), ("%2e", "."), ("%2f", "/"), ("%5c", "/")] {
                    text = text.split(separator: escape, omittingEmptySubsequences: false)
                        .joined(separator: character)
                }
            }
            let parts = text.split { $0 == "/" || $0 == "\\" }
            guard !parts.contains(".."), !parts.contains(".") else {
                throw HTTPError(
                    .badRequest,
                    code: "VALIDATION_ERROR",
                    message: "the path after /v1 must have no . or .. segment, however it is spelled",
                    details: [("parameter", "path")]
                )
            }
        }
    }
}
