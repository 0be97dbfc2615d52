import ControlPlane
import HTTPServer
import HTTPTypes
import JSON
import Store

/// `/api/tasks`: long operations, what they write, and their end.
enum TaskRoutes {
    static func routes(_ tasks: TaskService) -> [Route] {
        [list(tasks), get(tasks), events(tasks), cancel(tasks, .post), cancel(tasks, .delete)]
    }

    private static let id = Route.Parameter(.path, "id", "The task's id", schema: .string)
    private static let unknown = Route.Answer(404, "There is no such task.", json: ErrorBody.self)
    private static let portion = 1000

    private static func find(_ request: borrowing Request, _ tasks: TaskService) throws(HTTPError)
        -> TaskRecord
    {
        let id = request.parameters["id"] ?? ""
        guard let record = tasks.record(id) else { throw notFound(id) }
        return record
    }

    private static func notFound(_ id: String) -> HTTPError {
        HTTPError(.notFound, code: "NOT_FOUND", message: "there is no task \(id)")
    }

    private static func list(_ tasks: TaskService) -> Route {
        Route(
            .get,
            "/api/tasks",
            access: .viewer,
            documentation: .init(
                operationID: "listTasks",
                summary: "List long operations",
                description: "The last 200 are remembered, also after a restart.",
                tag: "Tasks",
                answers: [.init(200, "The tasks, newest first.", json: TaskList.self)]
            ),
            handler: .immediate { _, response in response.setJSON(TaskList(tasks: tasks.records)) }
        )
    }

    private static func get(_ tasks: TaskService) -> Route {
        Route(
            .get,
            "/api/tasks/{id}",
            access: .viewer,
            documentation: .init(
                operationID: "getTask",
                summary: "Tell how a long operation stands, and what it has written",
                tag: "Tasks",
                parameters: [
                    id,
                    .init(
                        .query,
                        "after",
                        "The number of the line behind which the output begins; 0 when left out",
                        schema: .integer(minimum: 0)
                    ),
                ],
                answers: [
                    .init(200, "The task.", json: TaskWithOutput.self),
                    .init(400, "A parameter has a value that it cannot have.", json: ErrorBody.self),
                    unknown,
                ]
            ),
            handler: .asynchronous { request in
                let record = try find(request, tasks)
                let after = try request.query.integer("after", in: 0...Int.max) ?? 0
                let lines = try await tasks.output(of: record.id, after: Int64(after), limit: portion)
                return Response(json: TaskWithOutput(task: record, lines: lines))
            }
        )
    }

    private static func cancel(_ tasks: TaskService, _ method: HTTPRequest.Method) -> Route {
        Route(
            method,
            method == .post ? "/api/tasks/{id}/cancel" : "/api/tasks/{id}",
            access: .admin,
            documentation: .init(
                operationID: method == .post ? "cancelTask" : "deleteTask",
                summary: "End a long operation",
                description:
                    "What it has begun may be half done. Nothing happens to one that has ended, and it stays on the list. The answer comes "
                    + "when the task has ended, after 15 seconds at the latest.",
                tag: "Tasks",
                parameters: [id],
                answers: [.init(200, "The task as it stands now.", json: TaskBody.self), unknown]
            ),
            handler: .asynchronous { request in
                let record = try find(request, tasks)
                guard tasks.cancel(record.id),
                    let ended = await tasks.wait(for: record.id, atMost: .seconds(15))
                else { throw notFound(record.id) }
                return Response(json: TaskBody(task: ended))
            }
        )
    }

    // MARK: Following

    private static let lastEventID = HTTPField.Name("Last-Event-ID")

    private static func events(_ tasks: TaskService) -> Route {
        Route(
            .get,
            "/api/tasks/{id}/events",
            access: .viewer,
            documentation: .init(
                operationID: "followTask",
                summary: "Follow a long operation",
                description: """
                    First an event `task` with the task as `GET /api/tasks` tells of it, then an event `output` for each line that it has \
                    written or writes, with `number`, `time`, `step` and `line`, and when it has ended another event `task` and an event \
                    `end`. The id of an `output` is its number; with the last one that was received the lines behind it are told. A \
                    comment every 15 seconds keeps the connection open.

                    Whoever may not follow any more is told so by an event `error`, the last one.
                    """,
                tag: "Tasks",
                parameters: [
                    id,
                    .init(
                        .header,
                        "Last-Event-ID",
                        "The id of the last event that was received",
                        schema: .string(pattern: "^[0-9]{1,18}$")
                    ),
                    .init(
                        .query,
                        "lastEventId",
                        "The same, for clients that cannot set fields; the field counts where both are given",
                        schema: .string(pattern: "^[0-9]{1,18}$")
                    ),
                ],
                answers: [
                    .init(
                        200,
                        "The events.",
                        mediaType: "text/event-stream",
                        schema: EventStreamSchema.event
                    ),
                    .init(400, "A parameter has a value that it cannot have.", json: ErrorBody.self),
                    unknown,
                ]
            ),
            handler: .immediate { request, response in
                let record = try find(request, tasks)
                let field = try lastEventID.flatMap { request[$0] }.map(position)
                let parameter = try request.query["lastEventId"].map(position)
                let start = field ?? parameter ?? 0
                response.contentType = .eventStream
                response.add(.cacheControl, "no-store")
                response.body = .stream(
                    ResponseStream(heartbeat: .init(interval: .seconds(15), bytes: Array(":\n\n".utf8))) {
                        writer in
                        try await follow(record.id, after: start, tasks, writer)
                        return []
                    }
                )
            }
        )
    }

    /// The number of a line, as an event's id has it.
    private static func position(_ text: String) throws(HTTPError) -> Int64 {
        guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int64(text)
        else { throw .badParameter("lastEventId", "expected the number of a line") }
        return number
    }

    private static func follow(
        _ id: String,
        after start: Int64,
        _ tasks: TaskService,
        _ writer: ResponseBodyWriter
    ) async throws {
        guard let first = tasks.record(id) else { return }
        try await writer.write(event("task", nil, TaskBody(task: first)))
        var position = start
        for await _ in tasks.rings() {
            // What a task has written is there before its end is known.
            let record = tasks.record(id)
            while true {
                let lines = try await tasks.output(of: id, after: position, limit: 200)
                guard let last = lines.last else { break }
                var bytes: [UInt8] = []
                for line in lines { bytes += event("output", line.number, TaskLineBody(line: line)) }
                try await writer.write(bytes)
                position = last.number
            }
            guard let record, record.state.isFinal else { continue }
            try await writer.write(
                event("task", nil, TaskBody(task: record)) + Array("event: end\ndata: {}\n\n".utf8)
            )
            return
        }
        try Task.checkCancellation()
    }

    private static func event(_ type: String, _ id: Int64?, _ body: some JSONEncodable) -> [UInt8] {
        var bytes = Array("event: \(type)\n".utf8)
        if let id { bytes += Array("id: \(id)\n".utf8) }
        return bytes + Array("data: ".utf8) + body.encoded() + Array("\n\n".utf8)
    }
}
