import HTTPServer
import JSON

/// The shape of every error of the KubeFoundry API, those of the parser included.
///
/// The text stands in `error`, as the document has it, and in `message`, where the web front end looks for it.
struct ErrorBody: JSONObject {
    let text: String
    let code: String
    let details: JSONValue

    init(_ failure: HTTPError, requestID: String) {
        text = failure.message
        // The API has one code for bodies that cannot be taken, whatever the reason.
        code = failure.code == "PAYLOAD_TOO_LARGE" ? "VALIDATION_ERROR" : failure.code
        var members = JSONMembers()
        for detail in failure.details { members[detail.name] = detail.value }
        members["requestId"] = .string(requestID)
        details = .object(members)
    }

    static let schemaName = "Error"
    static let fields: [JSONField<ErrorBody>] = [
        .init("error", "What is wrong and what to do about it", example: "no such route: GET /api/modles") {
            $0.text
        },
        .init("message", "The same text as in error", example: "no such route: GET /api/modles") { $0.text },
        .init("code", "A stable word for programs", example: "NOT_FOUND") { $0.code },
        .init("details", "Particulars; always with requestId, which the server's log has too") { $0.details },
    ]
}
