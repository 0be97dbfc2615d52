import JSON

/// The members of a server-sent event (HTML Standard §9.2.6), as the OpenAPI document describes a stream of them: each event is
/// an object with the fields that were sent.
enum EventStreamSchema {
    static let event = JSONSchema.object("ServerSentEvent") {
        [
            JSONProperty("data", "A JSON object, as text", .string, isRequired: false),
            JSONProperty("event", "The type; `message` where none was sent", .string, isRequired: false),
            JSONProperty("id", "What `Last-Event-ID` says to resume behind it", .string, isRequired: false),
        ]
    }
}
