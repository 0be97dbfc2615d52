import HTTPServer
import JSON

/// The body of a chat, as OpenAI's API has it (`POST /v1/chat/completions`).
struct ChatBody {
    private let bytes: [UInt8]
    private let json: JSONValue

    /// - Throws: 400 unless it is an object with messages.
    init(_ request: Request) throws(HTTPError) {
        let json = try request.json()
        guard json.objectValue != nil else {
            throw HTTPError([JSONFieldProblem("body", "must be an object, not \(json.kindDescription)")])
        }
        guard let messages = json["messages"] else {
            throw HTTPError([JSONFieldProblem("messages", "is required")])
        }
        guard let list = messages.arrayValue, !list.isEmpty, list.allSatisfy({ $0.objectValue != nil }) else {
            throw HTTPError([JSONFieldProblem("messages", "must be one object or more in an array")])
        }
        if let model = json["model"], !model.isNull, model.stringValue == nil {
            throw HTTPError([JSONFieldProblem("model", "must be a string, not \(model.kindDescription)")])
        }
        bytes = request.body
        self.json = json
    }

    /// Whether the client says which model it means.
    var namesModel: Bool { json["model"]?.stringValue?.isEmpty == false }

    /// The body as the client has sent it, with the model's name in it where it has none.
    func bytes(model: String?) -> [UInt8] {
        guard let model else { return bytes }
        var named = json
        named["model"] = .string(model)
        return named.encoded()
    }

    /// What the document says of it: what Ingot looks at; all else is for the engine.
    static let jsonSchema = JSONSchema.object("ChatRequest") {
        [
            JSONProperty(
                "model",
                "What the model is called; its served name when it is left out",
                .string,
                isRequired: false,
                example: "Qwen/Qwen3-0.6B"
            ),
            JSONProperty(
                "messages",
                "The chat so far",
                .array(of: .object { [] }, minimumCount: 1),
                example: [["role": "user", "content": "What is the capital of France?"]]
            ),
            JSONProperty(
                "stream",
                "Whether the answer comes as server-sent events, piece by piece",
                .boolean,
                isRequired: false
            ),
        ]
    }
}
