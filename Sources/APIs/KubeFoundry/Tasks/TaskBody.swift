import ControlPlane
import JSON
import Store

/// A long operation.
struct TaskBody: JSONObject {
    let task: TaskRecord

    static let schemaName = "Task"
    static let fields: [JSONField<TaskBody>] = [
        .init("id", "The id", example: "t0c3k9f2m8q1zt") { $0.task.id },
        .init("kind", "What it does, in a word", example: "install") { $0.task.kind },
        .init("subject", "What it works on; there is one task at a time for each", example: "dynamo") {
            $0.task.subject
        },
        .init("title", "What it does, for people", example: "Install NVIDIA Dynamo") { $0.task.title },
        .init("state", "How it stands; `interrupted` when the server ended in the middle of it") {
            $0.task.state
        },
        .init("message", "How it ended, for people; empty while it runs") { $0.task.message },
        .init("startedAt", "When it began") { $0.task.started },
        .init("finishedAt", "When it ended; left out while it runs") { $0.task.finished },
        .init("result", "What it gave; left out unless it has succeeded") { body -> JSONValue? in
            body.task.state == .succeeded ? body.task.result : nil
        },
        .init("error", "Why it has failed; left out unless it has") { body in
            body.task.failure.map(TaskFailureBody.init)
        },
    ]
}

/// Why a task has failed.
struct TaskFailureBody: JSONObject {
    let failure: TaskRecord.Failure

    static let schemaName = "TaskFailure"
    static let fields: [JSONField<TaskFailureBody>] = [
        .init("code", "A stable word for programs", example: "INSTALLATION_FAILED") { $0.failure.code },
        .init("message", "What is wrong and what to do about it") { $0.failure.message },
        .init("details", "Particulars") { $0.failure.details },
    ]
}

/// A line that a task has written.
struct TaskLineBody: JSONObject {
    let line: TaskLine

    static let schemaName = "TaskLine"
    static let fields: [JSONField<TaskLineBody>] = [
        .init("number", "Its number in the task's output, from 1", example: 1) { $0.line.number },
        .init("time", "When it was written") { $0.line.time },
        .init("step", "The step that it belongs to", example: "install-dynamo-platform") { $0.line.step },
        .init("line", "The line") { $0.line.text },
    ]
}

/// The answer of `GET /api/tasks`.
struct TaskList: JSONObject {
    let tasks: [TaskRecord]

    static let schemaName = "Tasks"
    static let fields: [JSONField<TaskList>] = [
        .init("tasks", "The tasks that are remembered, newest first") { $0.tasks.map(TaskBody.init) }
    ]
}

/// The answer of `GET /api/tasks/{id}`.
struct TaskWithOutput: JSONObject {
    let task: TaskRecord
    let lines: [TaskLine]

    static let schemaName = "TaskWithOutput"
    static let fields: [JSONField<TaskWithOutput>] = [
        .init("task", "The task") { TaskBody(task: $0.task) },
        .init("output", "What it has written, at most 1,000 lines behind `after`") {
            $0.lines.map(TaskLineBody.init)
        },
    ]
}
